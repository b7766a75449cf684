import type { Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { describeError } from '../base/errors.ts'
import { readPeerId } from '../base/read-peer-id.ts'
import type { Observer } from '../discovery/observer.ts'
import type { EventLog } from '../events/event-log.ts'
import { listedPeers } from '../patches/kad.ts'
import { scopeMapper } from '../peer/address-scope.ts'
import { announcedAddresses } from '../peer/announce.ts'
import type { Peer } from '../peer/peer.ts'
import { pingPeer } from '../peer/ping.ts'
import type { Clock } from '../time/clock.ts'
import { BadRequestError } from './errors.ts'
import type { NodeApi, NodeStatus, PeerView } from './node-api.ts'
import { listeningAddresses, waitingFor, type WaitingPeer } from './readiness.ts'

/** As much of a peer as its API asks. */
export type AskedPeer = WaitingPeer &
  Pick<Peer, 'peerId'> & {
    config: Pick<Peer['config'], 'addressScope'>
  }

export interface PeerApiComponents {
  peer: AskedPeer
  observer: Pick<Observer, 'sightings' | 'dial'>
  events: EventLog
  clock: Clock
  /** As identify sends it. */
  agent: string
  /** Milliseconds since the node started. */
  elapsedMs: () => number
}

/** What a node can be asked of itself and its peers, whatever it stores. */
export function createPeerApi(
  components: PeerApiComponents,
): Pick<NodeApi, 'status' | 'peers' | 'discovery' | 'dial' | 'ping' | 'events'> {
  const { peer, observer, events, clock } = components
  return {
    status: async () => status(components),
    async peers({ signal } = {}) {
      signal?.throwIfAborted()
      const ids = new Map<string, PeerId>()
      for (const id of [...peer.libp2p.getPeers(), ...listedPeers(peer.dht)]) {
        ids.set(id.toString(), id)
      }
      const listed = new Set(listedPeers(peer.dht).map(String))
      return Promise.all(
        [...ids.values()].map(async (id) => viewOf(peer, id, listed.has(id.toString()))),
      )
    },
    async discovery(options) {
      const { targets = [], ...others } = options ?? {}
      return observer.sightings({ ...others, targets: targets.map((each) => checkedPeerId(each)) })
    },
    async dial(address, options) {
      checkMultiaddr(address)
      return observer.dial(address, options)
    },
    async ping(target, options) {
      const id = peerIdFromString(checkedPeerId(target))
      return pingPeer({ libp2p: peer.libp2p, clock }, id, options)
    },
    events: (options) => events.events(options),
  }
}

function status({ peer, agent, elapsedMs }: PeerApiComponents): NodeStatus {
  const missing = waitingFor(peer)
  return {
    peerId: peer.peerId.toString(),
    agent,
    mode: peer.dht.getMode(),
    protocol: peer.dht.protocol,
    scope: peer.config.addressScope,
    listening: listeningAddresses(peer.libp2p),
    announced: announcedAddresses(peer.libp2p).map(String),
    connections: peer.libp2p.getConnections().length,
    listed: peer.dht.routingTable.size,
    joined: peer.join.joined,
    ready: missing.length === 0,
    waitingFor: missing,
    uptimeMs: Math.round(elapsedMs()),
    residentBytes: process.memoryUsage.rss(),
  }
}

async function viewOf(
  { libp2p, config }: AskedPeer,
  id: PeerId,
  listed: boolean,
): Promise<PeerView> {
  const { multiaddrs, agent } = await stored(libp2p, id)
  const connections = libp2p.getConnections(id)
  return {
    peerId: id.toString(),
    connected: connections.length > 0,
    listed,
    addresses: scopeMapper(config.addressScope)({ id, multiaddrs }).multiaddrs.map(String),
    remoteAddresses: connections.map(({ remoteAddr }) => remoteAddr.toString()),
    agent,
  }
}

async function stored(
  libp2p: Libp2p,
  id: PeerId,
): Promise<{ multiaddrs: Multiaddr[]; agent: string | null }> {
  try {
    const { addresses, metadata } = await libp2p.peerStore.get(id)
    const agent = metadata.get('AgentVersion')
    return {
      multiaddrs: addresses.map(({ multiaddr: address }) => address),
      agent: agent === undefined ? null : new TextDecoder().decode(agent),
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundError') {
      return { multiaddrs: [], agent: null }
    }
    throw error
  }
}

/** As nodes print it, however it was spelled. */
function checkedPeerId(text: string): string {
  const read = readPeerId(text)
  if (read !== null) return read
  throw new BadRequestError(
    `expected a peer id like 12D3Koo… as a target; saw ${JSON.stringify(text)}`,
  )
}

function checkMultiaddr(address: string): void {
  try {
    multiaddr(address)
  } catch (cause) {
    throw new BadRequestError(
      `expected a multiaddr such as /ip4/11.0.0.11/tcp/3000, saw ${JSON.stringify(address)}: ${describeError(cause)}`,
      { cause },
    )
  }
}
