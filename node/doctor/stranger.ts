import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { type Identify, identify } from '@libp2p/identify'
import type { Libp2p, Transport } from '@libp2p/interface'
import { type Ping, ping } from '@libp2p/ping'
import { tcp, type TCPComponents } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { libp2pLogger, silentLog } from '../base/log.ts'
import { VERSION } from '../base/version.ts'
import { watchHandshakes } from '../peer/handshake-watch.ts'
import { hangUp } from '../peer/hang-up.ts'
import type { PrivateNetwork } from '../peer/private-network.ts'
import { dialOptions, type DialRules } from '../peer/public-lookup.ts'
import { type Clock, systemClock } from '../time/clock.ts'
import { OTHER_TRANSPORTS, type OtherTransport } from './other-transports.ts'

export interface ExamineComponents {
  /** A libp2p transport factory; default TCP. */
  transport?: (components: TCPComponents) => Transport
  clock?: Clock
  /** Transports that are loaded where they are installed. Default: all that there are, beside TCP; none beside another. */
  others?: readonly OtherTransport[]
  /** The private network in which the examined peers are. Default: none. */
  network?: PrivateNetwork | null
  /** The local port from which TCP dials. Default: another one each time. */
  localPort?: number
}

/** How much longer than for one address one waits for a dial, in milliseconds. */
export const GRACE_MS = 500

export type Stranger = Libp2p<{ identify: Identify; ping: Ping }>

/** Ends a stranger and its connections. */
export async function endStranger(libp2p: Stranger, { clock }: ExamineComponents): Promise<void> {
  await hangUp(libp2p, { clock: clock ?? systemClock })
  await libp2p.stop()
}

/**
 * A host that listens nowhere and announces nothing: nobody can list it.
 *
 * @param rules which names it dials, by what they lead to; null: all
 * @param timeoutMs milliseconds after which an address is given up
 */
export async function createStranger(
  { transport, network = null, localPort, others = othersBeside(transport) }: ExamineComponents,
  rules: DialRules | null,
  timeoutMs: number,
): Promise<Stranger> {
  const dialOpts = {
    ...dialOptions(rules).dialOpts,
    ...(localPort === undefined ? {} : { localPort }),
  }
  const loaded = await Promise.all(
    others
      .filter(({ inPrivateNetworks }) => network === null || inPrivateNetworks)
      .map(async ({ load }) => load({ rules, timeoutMs })),
  )
  const transports = [transport ?? tcp({ dialOpts }), ...loaded.filter((each) => each !== null)]
  return createLibp2p({
    addresses: { listen: [] },
    nodeInfo: { name: 'kadlab-doctor', version: VERSION },
    logger: libp2pLogger(silentLog),
    transports: transports.map((each) => watchHandshakes(each, network)),
    ...(network === null ? {} : { connectionProtector: network.connectionProtector }),
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // An address gives up by itself, for it knows what it met; whoever waits for it does not.
    connectionManager: { addressDialTimeout: timeoutMs, dialTimeout: timeoutMs + GRACE_MS },
    // Which address is dialled is decided here, one by one; the default would refuse private ones unasked.
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify({ runOnConnectionOpen: false }), ping: ping() },
  })
}

function othersBeside(transport: ExamineComponents['transport']): readonly OtherTransport[] {
  return transport === undefined ? OTHER_TRANSPORTS : []
}
