import type { PeerId, PeerInfo, TypedEventTarget } from '@libp2p/interface'
import type { KadDHT as PublicKadDHT } from '@libp2p/kad-dht'

/** A contact in a bucket. */
export interface Contact {
  readonly peerId: PeerId
}

/** What the routing table tells. */
export interface RoutingTableEvents {
  'peer:add': CustomEvent<PeerId>
  'peer:remove': CustomEvent<PeerId>
  'peer:ping': CustomEvent<PeerId>
}

/** The routing table of kad-dht, which is public on its class and missing from its interface. */
export interface RoutingTable extends TypedEventTarget<RoutingTableEvents> {
  readonly size: number
  readonly kBucketSize: number
  readonly kb: { toIterable(): Iterable<Contact> }
  find(peer: PeerId): Promise<PeerId | undefined>
  remove(peer: PeerId): Promise<void>
  queueRoutingTableUpdate(peer: PeerId, options?: { activeTimeout?: number }): void
}

/** kad-dht's service as its class offers it (`kad-dht.ts` of @libp2p/kad-dht 16). */
export interface KadDHT extends PublicKadDHT {
  readonly protocol: string
  readonly routingTable: RoutingTable
  /** Queues a peer for listing if the address filter leaves an address; otherwise does nothing, silently. */
  onPeerConnect(peer: PeerInfo): Promise<void>
}

/** Peer ids in the routing table. */
export function listedPeers(dht: KadDHT): PeerId[] {
  return [...dht.routingTable.kb.toIterable()].map(({ peerId }) => peerId)
}
