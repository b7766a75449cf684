import type { Cause, DialErrorKind, Evidence, Remedy } from '../judgement/causes.ts'
import type { Rung } from '../judgement/ladder.ts'
import type { NodeEvent } from '../node-event.ts'

/** Every call can be given up. */
export interface CallOptions {
  signal?: AbortSignal
}

/**
 * What a node can be asked, by whatever way: called directly in the sim, as JSON lines over standard input and
 * output, over HTTP. The three faces add nothing of their own.
 *
 * A call rejects with a `KadlabError`; over lines and HTTP the error's `name` and `message` come through.
 */
export interface NodeApi {
  /** Who the node is, what it announces, how many peers it has. */
  status(options?: CallOptions): Promise<NodeStatus>
  /** Each peer that the node is connected to or lists. */
  peers(options?: CallOptions): Promise<PeerView[]>
  /** The ladder: one sighting for each peer that the node has heard of. */
  discovery(options?: DiscoveryOptions): Promise<Sighting[]>
  /** Stores `value` under `/kv/<key>`. Rejects below the wanted number of copies (`StoreError`). */
  put(key: string, value: Uint8Array, options?: PutOptions): Promise<PutOutcome>
  /** The first valid record under `/kv/<key>`; null where there is none. */
  get(key: string, options?: CallOptions): Promise<GetOutcome | null>
  /** Not built yet: rejects with `NotImplementedError`. */
  delete(key: string, options?: CallOptions): Promise<void>
  /** Tells the DHT that this node provides `key` (the CIDv1, raw, of its SHA-256). */
  provide(key: string, options?: CallOptions): Promise<ProvideOutcome>
  /** Peer ids of those who provide `key`. */
  providers(key: string, options?: CallOptions): Promise<string[]>
  /** Dials one multiaddr on a fresh connection, whatever connections there are, and closes it. Never rejects for a failed dial. */
  dial(address: string, options?: CallOptions): Promise<DialOutcome>
  /** The node's events from now on, until the signal aborts or the node stops. `since` replays what is still held. */
  events(options?: EventsOptions): AsyncIterable<NodeEvent>
}

/** The names of the calls that take and give plain values; `events` is the stream beside them. */
export type NodeCall = Exclude<keyof NodeApi, 'events'>

export interface NodeStatus {
  peerId: string
  /** `kadlab/<version>`. */
  agent: string
  /** Kademlia mode at this moment. */
  mode: 'client' | 'server'
  protocol: string
  scope: 'public' | 'private' | 'any'
  /** Multiaddrs that the node listens on. */
  listening: string[]
  /** Multiaddrs that others are told. */
  announced: string[]
  connections: number
  /** Peers in the routing table. */
  listed: number
  /** True once a bootstrap peer is connected, or none is configured. */
  joined: boolean
  /** True where the node listens, has joined and (with bootstrap peers) lists someone. */
  ready: boolean
  /** Why it is not ready, for people; empty where it is. */
  waitingFor: string[]
  uptimeMs: number
  /** Resident memory of the process in bytes. */
  residentBytes: number
}

export interface PeerView {
  peerId: string
  connected: boolean
  listed: boolean
  /** Addresses under which others would be told of it: what is stored, after the address filter. */
  addresses: string[]
  /** Remote addresses of its open connections. */
  remoteAddresses: string[]
  agent: string | null
}

export interface DiscoveryOptions extends CallOptions {
  /** Dial each listed peer that has not been dialled back yet on a fresh connection before judging. Default false. */
  dialBack?: boolean
  /** Judge this peer too, though nothing was heard of it (rung `unknown`). Peer ids. */
  targets?: string[]
}

/** How far one peer has come at this node, and why no further. */
export interface Sighting {
  peerId: string
  rung: Rung
  /** `null` is unknown, or not tried. */
  connected: boolean | null
  listed: boolean | null
  dialable: boolean | null
  /** Addresses that the target announces, as far as it has said; null where it has said nothing. */
  announced: string[] | null
  /** Null on the top rung. */
  cause: Cause | null
  evidence: Evidence | null
  remedy: Remedy | null
}

export interface PutOptions extends CallOptions {
  /** Copies at other peers below which the put fails. Default: the node's `PUT_MIN_COPIES`. */
  minCopies?: number
}

export interface PutOutcome {
  /** Other peers that stored the record. */
  copies: number
}

export interface GetOutcome {
  value: Uint8Array
  /** Peer that gave the record; null for this node's own copy. */
  from: string | null
}

export interface ProvideOutcome {
  /** Peers that were told. */
  told: number
}

export interface DialOutcome {
  address: string
  ok: boolean
  kind: DialErrorKind | null
  error: string | null
  durationMs: number
}

export interface EventsOptions extends CallOptions {
  /** Replay events with a sequence number above this one, as far as they are held. Default: none. */
  since?: number
}
