import type { KadInternals } from '../patches/kad-internals.ts'

/**
 * Spares a node the news that it knows. Every answer names up to 20 peers with their addresses, and kad-dht has each of
 * them stored and queued for listing anew: in a small network that is every peer, with every message of every query,
 * and more work than the message itself.
 *
 * Passed on is news of a peer that is not listed, and of one that is under other addresses than were last told. Once
 * for each kad-dht, for its whole life.
 */
export function skipKnownNews(kad: KadInternals): void {
  const { network, routingTable } = kad
  /** The addresses that were last told of each listed peer; none yet: empty. */
  const told = new Map<string, string>()
  for (const { peerId } of routingTable.kb.toIterable()) told.set(peerId.toString(), '')
  routingTable.addEventListener('peer:add', ({ detail }) => told.set(detail.toString(), ''))
  routingTable.addEventListener('peer:remove', ({ detail }) => told.delete(detail.toString()))

  const tell = network.safeDispatchEvent.bind(network)
  network.safeDispatchEvent = (type, news) => {
    const { id, multiaddrs } = news.detail
    const peer = id.toString()
    const before = told.get(peer)
    const addresses = multiaddrs.map(String).toSorted().join()
    if (before !== undefined && before === addresses) return true
    if (before !== undefined) told.set(peer, addresses)
    return tell(type, news)
  }
}
