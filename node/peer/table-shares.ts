import type { Libp2p, PeerId } from '@libp2p/interface'
import { isPrivate } from '@libp2p/utils'
import { KadlabError } from '../base/errors.ts'
import { type AddressGroup, addressGroup } from '../judgement/address-group.ts'
import { isListed, type KadDHT } from '../patches/kad.ts'
import { guardTable } from '../patches/table-guard.ts'

/** The routing table holds as many peers from the address of this one, or from its network, as it may. */
export class TableShareError extends KadlabError {
  static override readonly name = 'TableShareError'
}

export interface TableSharesOptions {
  /** Peers of one network of public addresses (/24, /64) in the table; half of them of one address. */
  perNetwork: number
  onRefused?: (peer: PeerId) => void
}

/** How much of the routing table the peers of one address, or of one network, have. */
export interface TableShare {
  /** The address or the network. */
  readonly from: string
  readonly peers: number
  readonly most: number
}

export interface TableShares {
  /** The share that leaves no place for a peer that is connected and not listed; null where there is one. */
  fullFor(peer: PeerId): TableShare | null
}

/**
 * Bounds how many peers of one address, and of one network of addresses, are listed. Peer ids cost nothing: without a
 * bound one host fills the table with as many as it likes, and with them the answers that others are given. Private
 * addresses are not bounded: they are those of one's own network.
 *
 * A peer counts where it really is, at the other end of its connection, whatever it announces.
 */
export function shareTable(
  { libp2p, dht }: { libp2p: Pick<Libp2p, 'getConnections'>; dht: KadDHT },
  { perNetwork, onRefused = () => {} }: TableSharesOptions,
): TableShares {
  const table = dht.routingTable
  const listed = new Map<string, AddressGroup>()
  const counts = new Map<string, number>()
  const most = { host: Math.max(1, Math.floor(perNetwork / 2)), network: perNetwork }

  const groupOf = (peer: PeerId): AddressGroup | null => {
    const open = libp2p.getConnections(peer).find(({ limits }) => limits === undefined)
    if (open === undefined || isPrivate(open.remoteAddr)) return null
    return addressGroup(open.remoteAddr)
  }
  const count = ({ host, network }: AddressGroup, change: 1 | -1): void => {
    for (const name of [host, network]) {
      const now = (counts.get(name) ?? 0) + change
      if (now === 0) counts.delete(name)
      else counts.set(name, now)
    }
  }
  const fullFor = (peer: PeerId): TableShare | null => {
    const group = groupOf(peer)
    if (group === null || isListed(dht, peer.toString())) return null
    for (const kind of ['host', 'network'] as const) {
      const peers = counts.get(group[kind]) ?? 0
      if (peers >= most[kind]) return { from: group[kind], peers, most: most[kind] }
    }
    return null
  }

  table.addEventListener('peer:add', ({ detail: peer }) => {
    const group = groupOf(peer)
    const name = peer.toString()
    if (group === null || listed.has(name)) return
    listed.set(name, group)
    count(group, 1)
  })
  table.addEventListener('peer:remove', ({ detail: peer }) => {
    const group = listed.get(peer.toString())
    if (group === undefined) return
    listed.delete(peer.toString())
    count(group, -1)
  })
  guardTable(dht, (peer) => {
    const full = fullFor(peer)
    if (full === null) return
    onRefused(peer)
    throw new TableShareError(
      `expected at most ${full.most} peers from ${full.from} in the routing table, saw one more`,
    )
  })
  return { fullFor }
}
