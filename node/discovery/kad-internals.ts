import { createHash } from 'node:crypto'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'

/** A contact in a bucket (kad-dht 16, routing-table/k-bucket.ts `Peer`). */
interface Contact {
  readonly peerId: PeerId
}

type Bucket = { peers: Contact[] } | { left: Bucket; right: Bucket }

/** The part of kad-dht's RoutingTable that the observer uses: public on the class, missing from its interface. */
export interface ObservedTable {
  readonly kBucketSize: number
  readonly kb: {
    readonly root: Bucket
    get(kadId: Uint8Array): Contact | undefined
    toIterable(): Iterable<Contact>
  }
  add(peerId: PeerId, options?: { signal?: AbortSignal }): Promise<void>
  addEventListener(type: 'peer:add' | 'peer:remove', listener: (event: PeerEvent) => void): void
  removeEventListener(type: 'peer:add' | 'peer:remove', listener: (event: PeerEvent) => void): void
}

/** An event whose detail is a peer id. */
export type PeerEvent = CustomEvent<PeerId>

/** The part of kad-dht's KadDHT that the observer uses. */
export interface ObservedDht {
  readonly protocol: string
  readonly routingTable: ObservedTable
  getMode(): 'client' | 'server'
}

/** The peer as its bucket counts it: the SHA-256 of the peer id's multihash (kad-dht 16, utils.ts `convertPeerId`). */
export function kadId(peerId: string): Uint8Array {
  const bytes = peerIdFromString(peerId).toMultihash().bytes
  return createHash('sha256').update(bytes).digest()
}

/** True where the peer is in the routing table. */
export function isListed({ routingTable }: ObservedDht, peerId: string): boolean {
  return routingTable.kb.get(kadId(peerId)) !== undefined
}

/** Everybody in the routing table. */
export function listedPeerIds({ routingTable }: ObservedDht): string[] {
  return [...routingTable.kb.toIterable()].map((contact) => contact.peerId.toString())
}

/** How full the bucket is in which the peer is or would be. */
export function bucketOf(
  { routingTable }: ObservedDht,
  peerId: string,
): { contacts: number; capacity: number } {
  const id = kadId(peerId)
  let bucket = routingTable.kb.root
  for (let bit = 0; 'left' in bucket; bit++) {
    const isOne = ((id[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0
    bucket = isOne ? bucket.right : bucket.left
  }
  return { contacts: bucket.peers.length, capacity: routingTable.kBucketSize }
}

/** The address filter that the DHT really uses, whatever the configuration says (kad-dht 16, kad-dht.ts). */
export function addressFilterOf(dht: ObservedDht): (peer: PeerInfo) => PeerInfo {
  return (dht as unknown as { peerInfoMapper: (peer: PeerInfo) => PeerInfo }).peerInfoMapper
}
