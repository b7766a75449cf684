import type { PeerId, PeerInfo, Stream } from '@libp2p/interface'
import type { KadDHT, QueryEvent } from '@libp2p/kad-dht'
import type { CID } from 'multiformats/cid'
import { KadlabError } from '../base/errors.ts'

/** kad-dht is not the release whose inner parts this code knows. */
export class KadInternalsError extends KadlabError {
  static override readonly name = 'KadInternalsError'
}

/** A Kademlia message in as far as the store must know it (kad-dht/src/message/dht.ts). */
export interface KadMessage {
  type: string
  key?: Uint8Array
  record?: Uint8Array
}

/** What answers one kind of message (kad-dht/src/rpc/index.ts, `DHTMessageHandler`). */
export interface KadHandler {
  handle(from: PeerId, message: KadMessage): Promise<unknown>
}

type PeerListener = (event: CustomEvent<PeerId>) => void

/**
 * The parts of kad-dht's class that the store needs beside its public interface. Each is there for a reason: the public
 * `get` hands out this node's own record only after the whole query, every public call waits without an end while the
 * routing table is empty, nobody is told of what others store here, and most of the work for a message can be spared.
 */
export interface KadInternals {
  readonly components: {
    readonly peerId: PeerId
    readonly datastore: { queryKeys(query: { prefix: string }): AsyncIterable<unknown> }
  }
  readonly routingTable: {
    /** Peers in it. */
    readonly size: number
    readonly kb: { toIterable(): Iterable<{ readonly peerId: PeerId }> }
    addEventListener(type: 'peer:add' | 'peer:remove', listener: PeerListener): void
  }
  /** Reads the own datastore only. Rejects where there is no record or it is not valid. */
  readonly contentFetching: {
    getLocal(key: Uint8Array, options: { signal: AbortSignal }): Promise<{ value: Uint8Array }>
  }
  /** Provider records in the own datastore. */
  readonly providers: {
    addProvider(key: CID, provider: PeerId, options: { signal: AbortSignal }): Promise<void>
    getProviders(key: CID, options: { signal: AbortSignal }): Promise<PeerId[]>
  }
  /** What answers other peers, by message type. */
  readonly rpc: { readonly handlers: Record<string, KadHandler> }
  /** What asks other peers. */
  readonly network: {
    /** Shared with all of libp2p: replace it, never change it. */
    components: {
      readonly connectionManager: {
        openStream(peer: PeerId, protocol: string, options?: object): Promise<Stream>
      }
    }
    /** Tells of each peer that an answer names, to whoever lists and stores peers. */
    safeDispatchEvent(type: 'peer', news: { detail: PeerInfo }): boolean
    sendRequest(to: PeerId, message: KadMessage, options: object): AsyncGenerator<QueryEvent>
    sendMessage(to: PeerId, message: KadMessage, options: object): AsyncGenerator<QueryEvent>
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
    'routingTable.size': typeof inner.routingTable?.size === 'number',
    'contentFetching.getLocal': typeof inner.contentFetching?.getLocal === 'function',
    'providers.addProvider': typeof inner.providers?.addProvider === 'function',
    'providers.getProviders': typeof inner.providers?.getProviders === 'function',
    'rpc.handlers.PUT_VALUE': typeof inner.rpc?.handlers?.['PUT_VALUE']?.handle === 'function',
    'network.safeDispatchEvent': typeof inner.network?.safeDispatchEvent === 'function',
    'network.sendRequest': typeof inner.network?.sendRequest === 'function',
    'network.components.connectionManager.openStream':
      typeof inner.network?.components?.connectionManager?.openStream === 'function',
    'network.sendMessage': typeof inner.network?.sendMessage === 'function',
  }
  const missing = Object.keys(parts).filter((part) => parts[part] !== true)
  if (missing.length > 0) {
    throw new KadInternalsError(
      `expected kad-dht 16, saw one without ${missing.join(', ')}: see node/store/kad-internals.ts`,
    )
  }
  return inner
}

/** Told of each record that another peer stored at this node, after it was accepted. */
export type OnStored = (key: Uint8Array, from: PeerId) => void

/** Watches the records that other peers store here; kad-dht tells nobody. Once for each kad-dht. */
export function watchStored(kad: KadInternals, onStored: OnStored): void {
  const original = kad.rpc.handlers['PUT_VALUE']
  if (original === undefined) return
  unwatched.set(kad, original)
  kad.rpc.handlers['PUT_VALUE'] = {
    handle: async (from, message) => {
      const answer = await original.handle(from, message)
      if (message.key !== undefined) onStored(message.key, from)
      return answer
    },
  }
}

/**
 * Stores a record at this node alone: the public `put` would wait for its first peer. It goes to what the kad-dht class
 * answers PUT_VALUE with, past `watchStored`.
 */
export async function storeHere(
  kad: KadInternals,
  key: Uint8Array,
  value: Uint8Array,
): Promise<void> {
  const handler = unwatched.get(kad) ?? kad.rpc.handlers['PUT_VALUE']
  await handler?.handle(kad.components.peerId, {
    type: 'PUT_VALUE',
    key,
    record: encodeRecord(key, value),
  })
}

/** What answered PUT_VALUE before it was watched. */
const unwatched = new WeakMap<KadInternals, KadHandler>()

/** Value records in the own datastore (kad-dht/src/content-fetching/index.ts, `datastorePrefix`). */
export async function countRecords(kad: KadInternals): Promise<number> {
  let count = 0
  for await (const _key of kad.components.datastore.queryKeys({ prefix: '/dht/record/' }))
    count += 1
  return count
}

/** A record as kad-dht writes it (libp2p `record.proto`: 1 key, 2 value, 5 time received as text). */
function encodeRecord(key: Uint8Array, value: Uint8Array): Uint8Array {
  return Buffer.concat([field(1, key), field(2, value)])
}

/** One length-delimited protobuf field, wire type 2. */
function field(number: number, bytes: Uint8Array): Uint8Array {
  const header = [(number << 3) | 2]
  let length = bytes.byteLength
  while (length > 0x7f) {
    header.push((length & 0x7f) | 0x80)
    length >>>= 7
  }
  return Buffer.concat([Buffer.from([...header, length]), bytes])
}
