import { createHash } from 'node:crypto'
import type { PeerId, PeerInfo, TypedEventTarget } from '@libp2p/interface'
import type { KadDHT as PublicKadDHT } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import type { AbortOptions } from '../base/abort-options.ts'

/** A contact in a bucket. */
export interface Contact {
  readonly peerId: PeerId
  readonly kadId: Uint8Array
}

/** A node of kad-dht's trie: a leaf has `peers`, an inner one `left` and `right`. */
export interface Bucket {
  prefix?: string
  depth: number
  peers?: Contact[]
  left?: Bucket
  right?: Bucket
}

/** What the routing table reports. */
export interface RoutingTableEvents {
  'peer:add': CustomEvent<PeerId>
  'peer:remove': CustomEvent<PeerId>
  'peer:ping': CustomEvent<PeerId>
}

/** The routing table of kad-dht, which is public on its class and missing from its interface. */
export interface RoutingTable extends TypedEventTarget<RoutingTableEvents> {
  readonly size: number
  readonly kBucketSize: number
  readonly kb: {
    readonly root: Bucket
    get(kadId: Uint8Array): Contact | undefined
    toIterable(): Iterable<Contact>
    /** Halves a full bucket. */
    _split(bucket: Bucket): Promise<void>
  }
  /** Verifies a peer and lists it where there is room. */
  add(peer: PeerId, options?: AbortOptions): Promise<void>
  find(peer: PeerId): Promise<PeerId | undefined>
  remove(peer: PeerId): Promise<void>
  queueRoutingTableUpdate(peer: PeerId, options?: { activeTimeout?: number }): void
}

/** kad-dht's own refresh of the table. */
export interface RoutingTableRefresh {
  /** The longest prefix in bits that a contact has in common with this node. */
  _maxCommonPrefix(): number
  /** Looks for peers with a prefix in common; gives up by itself after 30 s. */
  _refreshCommonPrefixLength(
    prefixLength: number,
    lastRefresh: Date,
    force: boolean,
    options: { signal: AbortSignal },
  ): Promise<void>
}

/** kad-dht's service as its class offers it. Each part is a row of PARTS (parts.ts), where its file is named. */
export interface KadDHT extends PublicKadDHT {
  readonly protocol: string
  /** The address filter that is really used, whatever the configuration says. */
  readonly peerInfoMapper: (peer: PeerInfo) => PeerInfo
  readonly routingTable: RoutingTable
  readonly routingTableRefresh: RoutingTableRefresh
  /** Queues a peer for listing if the address filter leaves an address; otherwise does nothing, silently. */
  onPeerConnect(peer: PeerInfo): Promise<void>
}

/** kad-dht's service with its private parts. */
export function kadParts(dht: PublicKadDHT): KadDHT {
  return dht as KadDHT
}

/** Peer ids in the routing table. */
export function listedPeers(dht: KadDHT): PeerId[] {
  return [...dht.routingTable.kb.toIterable()].map(({ peerId }) => peerId)
}

/** The peer as its bucket counts it: the SHA-256 of the peer id's multihash (kad-dht, `utils.ts`, `convertPeerId`). */
export function kadId(peerId: string): Uint8Array {
  const bytes = peerIdFromString(peerId).toMultihash().bytes
  return createHash('sha256').update(bytes).digest()
}

/** True where the peer is in the routing table. */
export function isListed({ routingTable }: KadDHT, peerId: string): boolean {
  return routingTable.kb.get(kadId(peerId)) !== undefined
}

/** How full the bucket is in which the peer is or would be. */
export function bucketOf(
  { routingTable }: KadDHT,
  peerId: string,
): { contacts: number; capacity: number } {
  const id = kadId(peerId)
  let bucket = routingTable.kb.root
  for (let bit = 0; ; bit++) {
    const half = bitAt(id, bit) === '1' ? bucket.right : bucket.left
    if (half === undefined) break
    bucket = half
  }
  return { contacts: bucket.peers?.length ?? 0, capacity: routingTable.kBucketSize }
}

/** A bit of a key, most significant first, as in the keys of the trie. */
export function bitAt(bytes: Uint8Array, index: number): '0' | '1' {
  return (((bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1 ? '1' : '0'
}
