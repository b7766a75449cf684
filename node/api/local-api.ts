import type { Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { describeError } from '../base/errors.ts'
import { agentOf } from '../base/version.ts'
import type { ItemLimits } from '../config/item-limits.ts'
import type { Observer } from '../discovery/observer.ts'
import type { EventLog } from '../events/event-log.ts'
import { listedPeers } from '../patches/kad.ts'
import { scopeMapper } from '../peer/address-scope.ts'
import { announcedAddresses } from '../peer/announce.ts'
import type { Peer } from '../peer/peer.ts'
import { pingPeer } from '../peer/ping.ts'
import { LARGEST_PAGE, listKeys } from '../store/held-keys.ts'
import type { LocalRecords } from '../store/local-records.ts'
import type { Providers } from '../store/providers.ts'
import type { Values } from '../store/values.ts'
import type { Clock } from '../time/clock.ts'
import { BadRequestError } from './errors.ts'
import type { NodeApi, NodeStatus, PeerView } from './node-api.ts'
import { listeningAddresses, waitingFor } from './readiness.ts'
import { watchKey } from './watch-key.ts'

export interface LocalApiComponents {
  peer: Peer
  observer: Pick<Observer, 'sightings' | 'dial'>
  values: Values
  records: LocalRecords
  providers: Providers
  events: EventLog
  items: ItemLimits
  clock: Clock
  /** Milliseconds since the node started. */
  elapsedMs: () => number
}

/** The API of a node in this process: what the sim calls, and what the other faces carry. */
export function createLocalApi(components: LocalApiComponents): NodeApi {
  const { peer, observer, values, records, providers, events, items, clock } = components
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
      for (const target of options?.targets ?? []) checkPeerId(target)
      return observer.sightings(options)
    },
    put: async (key, value, options) => values.put(key, value, options),
    async get(key, options) {
      checkAgree(options?.agree)
      return values.get(key, options)
    },
    async list(options) {
      checkLimit(options?.limit)
      return listKeys({ local: records, items }, options)
    },
    delete: async (key, options) => values.delete(key, options),
    watch: (key, options) =>
      watchKey(
        {
          get: async (...read) => values.get(...read),
          current: async (...read) => values.current(...read),
          events: (from) => events.events(from),
        },
        key,
        options,
        clock,
      ),
    provide: async (key, options) => providers.provide(key, options),
    providers: async (key, options) => providers.providers(key, options),
    async dial(address, options) {
      checkMultiaddr(address)
      return observer.dial(address, options)
    },
    async ping(target, options) {
      checkPeerId(target)
      return pingPeer({ libp2p: peer.libp2p, clock }, peerIdFromString(target), options)
    },
    events: (options) => events.events(options),
  }
}

function status({ peer, elapsedMs }: LocalApiComponents): NodeStatus {
  const missing = waitingFor(peer)
  return {
    peerId: peer.peerId.toString(),
    agent: agentOf(peer.config.build),
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

async function viewOf({ libp2p, config }: Peer, id: PeerId, listed: boolean): Promise<PeerView> {
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

function checkPeerId(text: string): void {
  try {
    peerIdFromString(text)
  } catch (error) {
    throw new BadRequestError(
      `expected a peer id like 12D3Koo… as a target; saw ${JSON.stringify(text)}`,
      { cause: error },
    )
  }
}

function checkLimit(limit = 1): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= LARGEST_PAGE) return
  throw new BadRequestError(`expected a limit of 1 to ${LARGEST_PAGE} keys, saw ${limit}`)
}

function checkAgree(agree = 1): void {
  if (Number.isInteger(agree) && agree >= 1) return
  throw new BadRequestError(`expected one copy or more to agree, saw ${agree}`)
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
