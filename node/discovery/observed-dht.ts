import { createHash } from 'node:crypto'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { AbortOptions } from '../base/abort-options.ts'
import { type Contact, type KadDHT, listedPeers, type RoutingTable } from '../patches/kad.ts'

/** An event whose detail is a peer id. */
export type PeerEvent = CustomEvent<PeerId>

type Bucket = { peers: Contact[] } | { left: Bucket; right: Bucket }

/** kad-dht's KadDHT with what the observer looks at beside the rest (kad-dht 16, routing-table/{index,k-bucket}.ts). */
export interface ObservedDht extends KadDHT {
  readonly routingTable: RoutingTable & {
    readonly kb: { readonly root: Bucket; get(kadId: Uint8Array): Contact | undefined }
    /** Verifies a peer and lists it where there is room. */
    add(peerId: PeerId, options?: AbortOptions): Promise<void>
  }
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
export function listedPeerIds(dht: ObservedDht): string[] {
  return listedPeers(dht).map(String)
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
