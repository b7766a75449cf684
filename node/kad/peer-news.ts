import type { KadInternals } from '../patches/kad-internals.ts'
import type { Contacts } from './distance.ts'
import { nameOfBytes, type WirePeer } from './message.ts'
import { peerInfoOf } from './peer-info.ts'

/** What answers say of other peers. */
export interface PeerNews {
  /** Passes on what an answer says of a peer, where it is news. */
  tell(peer: WirePeer): void
  /** True for a peer in the routing table, by its contact's name. */
  isListed(name: string): boolean
}

/**
 * Spares a node the news that it knows. Every answer names up to 20 peers with their addresses, and kad-dht has each of
 * them stored and queued for listing anew: in a small network that is every peer, with every message of every query,
 * and more work than the message itself.
 *
 * Passed on is news of a peer that is not listed, and of one that is under other addresses than were last told. Once
 * for each kad-dht, for its whole life.
 */
export function createPeerNews({
  kad,
  contacts,
}: {
  kad: Pick<KadInternals, 'network' | 'routingTable'>
  contacts: Contacts
}): PeerNews {
  const { network, routingTable } = kad
  /** The addresses that were last told of each listed peer; none yet: empty. */
  const told = new Map<string, string>()
  const nameOf = (event: CustomEvent): string => contacts.of(event.detail).name
  for (const { peerId } of routingTable.kb?.toIterable() ?? [])
    told.set(contacts.of(peerId).name, '')
  routingTable.addEventListener('peer:add', (event) => told.set(nameOf(event), ''))
  routingTable.addEventListener('peer:remove', (event) => told.delete(nameOf(event)))

  return {
    isListed: (name) => told.has(name),
    tell(peer) {
      const name = nameOfBytes(peer.id)
      const before = told.get(name)
      if (before !== undefined) {
        const addresses = peer.multiaddrs.map(nameOfBytes).toSorted().join()
        if (before === addresses) return
        told.set(name, addresses)
      }
      const detail = peerInfoOf(peer)
      if (detail !== null) network.safeDispatchEvent('peer', { detail })
    },
  }
}
