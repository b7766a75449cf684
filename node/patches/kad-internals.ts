import type { Connection, PeerId, PeerInfo, Stream } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Datastore } from 'interface-datastore'
import type { CID } from 'multiformats/cid'
import { KadlabError } from '../base/errors.ts'

/** kad-dht is not the release whose inner parts this code knows. */
export class KadInternalsError extends KadlabError {
  static override readonly name = 'KadInternalsError'
}

/** A Kademlia message as kad-dht's own code has it (kad-dht/src/message/dht.ts). */
export interface KadMessage {
  type: string
  key?: Uint8Array
  record?: Uint8Array
  clusterLevel?: number
  closer?: { id: Uint8Array; multiaddrs: Uint8Array[] }[]
  providers?: { id: Uint8Array; multiaddrs: Uint8Array[] }[]
}

/** What answers one kind of message (kad-dht/src/rpc/index.ts, `DHTMessageHandler`). */
export interface KadHandler {
  handle(from: PeerId, message: KadMessage): Promise<unknown>
}

/** Where a query stands, as its events say. */
export interface KadRequestOptions {
  signal?: AbortSignal
  path?: unknown
}

/** What a query reports of one message (kad-dht/src/query/events.ts). */
export interface KadEvent {
  readonly name: string
  /** Its number. */
  readonly type: number
  readonly from: PeerId
  readonly path: unknown
  /** Of an answer: the message, and the peers and the record in it. */
  readonly messageName?: string
  readonly error?: unknown
}

type PeerListener = (event: CustomEvent<PeerId>) => void

/**
 * The parts of kad-dht's class that the store needs beside its public interface. Each is there for a reason: the public
 * `get` hands out this node's own record only after the whole query, every public call waits without an end while the
 * routing table is empty, nobody is told of what others store here, and most of the work for a message can be spared.
 */
export interface KadInternals {
  readonly protocol: string
  readonly components: {
    readonly peerId: PeerId
    readonly datastore: Datastore
    readonly connectionManager: {
      openStream(peer: PeerId, protocol: string, options: { signal: AbortSignal }): Promise<Stream>
      isDialable(addresses: Multiaddr[]): Promise<boolean>
      getConnections(peer: PeerId): Connection[]
    }
    readonly peerStore: {
      getInfo(peer: PeerId): Promise<PeerInfo>
      merge(peer: PeerId, data: { multiaddrs: Multiaddr[] }): Promise<unknown>
    }
    readonly addressManager: { getAddresses(): Multiaddr[] }
    readonly events: {
      addEventListener(
        type: 'peer:update',
        listener: (event: CustomEvent<{ peer: { id: PeerId } }>) => void,
      ): void
    }
  }
  /** Leaves the addresses that count of a peer. */
  readonly peerInfoMapper: (peer: PeerInfo) => PeerInfo
  readonly routingTable: {
    /** Peers in it. */
    readonly size: number
    readonly kBucketSize: number
    /** Undefined until it is started. */
    readonly kb?: { toIterable(): Iterable<{ readonly peerId: PeerId }> }
    addEventListener(type: 'peer:add' | 'peer:remove', listener: PeerListener): void
  }
  /** Provider records in the own datastore. */
  readonly providers: {
    addProvider(key: CID, provider: PeerId, options: { signal: AbortSignal }): Promise<void>
    getProviders(key: CID, options: { signal: AbortSignal }): Promise<PeerId[]>
  }
  /** What answers other peers. */
  readonly rpc: {
    /** By message type. */
    readonly handlers: Record<string, KadHandler>
    /** Serves one stream. It is given to libp2p as it is when kad-dht begins to serve. */
    onIncomingStream(stream: Stream, connection: Connection): Promise<void>
  }
  /** What asks other peers. */
  readonly network: {
    /** Tells of each peer that an answer names, to whoever lists and stores peers. */
    safeDispatchEvent(type: 'peer', news: { detail: PeerInfo }): boolean
    sendRequest(
      to: PeerId,
      message: KadMessage,
      options: KadRequestOptions,
    ): AsyncGenerator<KadEvent>
    sendMessage(
      to: PeerId,
      message: KadMessage,
      options: KadRequestOptions,
    ): AsyncGenerator<KadEvent>
  }
}

/**
 * The inner parts of a kad-dht instance.
 *
 * @throws KadInternalsError where one is missing: kad-dht was updated and this file must follow.
 */
export function kadInternals(dht: KadDHT): KadInternals {
  const inner = dht as unknown as KadInternals
  const parts: Record<string, boolean> = {
    protocol: typeof inner.protocol === 'string',
    'components.connectionManager.openStream':
      typeof inner.components?.connectionManager?.openStream === 'function',
    'components.connectionManager.getConnections':
      typeof inner.components?.connectionManager?.getConnections === 'function',
    'components.peerStore.getInfo': typeof inner.components?.peerStore?.getInfo === 'function',
    'components.events': typeof inner.components?.events?.addEventListener === 'function',
    peerInfoMapper: typeof inner.peerInfoMapper === 'function',
    'routingTable.size': typeof inner.routingTable?.size === 'number',
    'routingTable.kBucketSize': typeof inner.routingTable?.kBucketSize === 'number',
    'providers.addProvider': typeof inner.providers?.addProvider === 'function',
    'providers.getProviders': typeof inner.providers?.getProviders === 'function',
    'rpc.handlers.PUT_VALUE': typeof inner.rpc?.handlers?.['PUT_VALUE']?.handle === 'function',
    'rpc.onIncomingStream': typeof inner.rpc?.onIncomingStream === 'function',
    'network.safeDispatchEvent': typeof inner.network?.safeDispatchEvent === 'function',
    'network.sendRequest': typeof inner.network?.sendRequest === 'function',
    'network.sendMessage': typeof inner.network?.sendMessage === 'function',
  }
  const missing = Object.keys(parts).filter((part) => parts[part] !== true)
  if (missing.length > 0) {
    throw new KadInternalsError(
      `expected kad-dht 16, saw one without ${missing.join(', ')}: see node/patches/kad-internals.ts`,
    )
  }
  return inner
}
