import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify, identifyPush } from '@libp2p/identify'
import type { Connection, Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

export const KAD = '/ipfs/kad/1.0.0'
const MANY = 100_000

/** Whom an attacker attacks, and where it stands itself. */
export interface Target {
  /** The attacked node's multiaddr, by an address of the attacker's own. */
  address: string
  /** The attacker's host: the kernel gives it to what dials `address`. */
  host: string
  signal: AbortSignal
}

export interface HostOptions {
  /** Listens and serves Kademlia, so that it is listed. Default: it only dials. */
  listenPort?: number
  /** Who it is. Default: somebody new. */
  privateKey?: PrivateKey
  /** Announces these instead of where it listens. */
  announce?: string[]
  /** Says that it answers, and what comes is given to this. */
  onKad?: (stream: Stream) => void
}

/** A libp2p peer without any limit of its own. */
export async function openHost(target: Target, options: HostOptions = {}): Promise<Libp2p> {
  const streams = { maxInboundStreams: MANY, maxOutboundStreams: MANY }
  const { listenPort, announce, onKad, privateKey } = options
  const libp2p = await createLibp2p({
    ...(privateKey === undefined ? {} : { privateKey }),
    addresses: {
      listen: listenPort === undefined ? [] : [`/ip4/${target.host}/tcp/${listenPort}`],
      ...(announce === undefined ? {} : { announce }),
    },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      maxConnections: MANY,
      inboundConnectionThreshold: MANY,
      maxParallelDials: MANY,
    },
    services: { identify: identify(streams), push: identifyPush(streams), ping: ping(streams) },
  })
  if (onKad !== undefined) await libp2p.handle(KAD, onKad, { maxInboundStreams: MANY })
  return libp2p
}

/** A connection to the attacked node, another one each time. */
export async function connect(libp2p: Libp2p, target: Target): Promise<Connection> {
  return libp2p.dial(multiaddr(target.address), { force: true, signal: target.signal })
}

export async function openKadStream(connection: Connection, signal: AbortSignal): Promise<Stream> {
  return connection.newStream(KAD, { maxOutboundStreams: MANY, signal })
}
