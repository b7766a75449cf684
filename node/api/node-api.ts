import type { AbortOptions } from '../base/abort-options.ts'
import type { DiscoveryOptions } from '../discovery/discovery-options.ts'
import type { EventsOptions } from '../events/event-log.ts'
import type { NodeEvent } from '../events/node-event.ts'
import type { DialOutcome } from '../judgement/dial-outcome.ts'
import type { Sighting } from '../judgement/sighting.ts'
import type { PingOutcome } from '../peer/ping.ts'
import type {
  GetOptions,
  GetOutcome,
  KeyChange,
  KeyPage,
  ListOptions,
  ProvideOutcome,
  PutOptions,
  PutOutcome,
  WatchOptions,
  WriteOptions,
} from '../store/outcomes.ts'

export type { DiscoveryOptions } from '../discovery/discovery-options.ts'

/**
 * What a node can be asked, by whatever way: called directly in the sim, as JSON lines over standard input and
 * output, over HTTP. The three faces add nothing of their own.
 *
 * A call rejects with a `KadlabError`; over lines and HTTP the error's `name` and `message` come through.
 */
export interface NodeApi {
  /** Who the node is, what it announces, how many peers it has. */
  status(options?: AbortOptions): Promise<NodeStatus>
  /** Each peer that the node is connected to or lists. */
  peers(options?: AbortOptions): Promise<PeerView[]>
  /** The ladder: one sighting for each peer that the node has heard of. */
  discovery(options?: DiscoveryOptions): Promise<Sighting[]>
  /**
   * Stores `value` under `/kv/<key>`, signed by this node. Rejects below the wanted number of copies (`StoreError`), and
   * where another version than the wanted one is there (`VersionError`).
   */
  put(key: string, value: Uint8Array, options?: PutOptions): Promise<PutOutcome>
  /** The newest record that is found under `/kv/<key>`; null where there is none, or it was deleted. */
  get(key: string, options?: GetOptions): Promise<GetOutcome | null>
  /** Keys whose values this node itself holds, a page at a time; nobody else is asked. */
  list(options?: ListOptions): Promise<KeyPage>
  /** Deletes what is under `/kv/<key>`, at this node and at the peers closest to it. Rejects as `put`. */
  delete(key: string, options?: WriteOptions): Promise<PutOutcome>
  /**
   * What is under `/kv/<key>`, and each newer version from then on, until the signal aborts or the node stops. What the node
   * itself does not hold is looked for every 10 s.
   */
  watch(key: string, options?: WatchOptions): AsyncIterable<KeyChange>
  /** Tells the DHT that this node provides `key` (the CIDv1, raw, of its SHA-256). */
  provide(key: string, options?: AbortOptions): Promise<ProvideOutcome>
  /** Peer ids of those who provide `key`. */
  providers(key: string, options?: AbortOptions): Promise<string[]>
  /** Dials one multiaddr on a fresh connection, whatever connections there are, and closes it. Never rejects for a failed dial. */
  dial(address: string, options?: AbortOptions): Promise<DialOutcome>
  /**
   * Pings a peer over each connection to it, and closes those over which nothing comes within 5 s; dials nobody. Rejects for
   * what is no peer id (`BadRequestError`).
   */
  ping(peerId: string, options?: AbortOptions): Promise<PingOutcome>
  /** The node's events from now on, until the signal aborts or the node stops. `since` replays what is still held. */
  events(options?: EventsOptions): AsyncIterable<NodeEvent>
}

/** The names of the calls that take and give plain values; `events` and `watch` are the streams beside them. */
export type NodeCall = Exclude<keyof NodeApi, 'events' | 'watch'>

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
