import type { Address, Libp2p, Peer, PeerData, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { otherTransportOf } from '../judgement/multiaddr-facts.ts'
import { wrap } from './wrap.ts'

/**
 * Addresses that are stored of one peer. One of many interfaces and transports announces some twenty; libp2p dials 25
 * before it gives a peer up.
 */
export const MAX_ADDRESSES = 32
/** Of what is announced, so many are looked at. */
const MAX_LOOKED_AT = 256

export interface BoundAddressesOptions {
  /** A peer came with more addresses than are stored. */
  onRefused?: (peer: PeerId) => void
}

/**
 * Bounds what is stored of the addresses of a peer: those over plain TCP come first, and the others in their order.
 *
 * Stock libp2p stores what a peer announces (some 8,000 addresses fit into an identify message) and whatever others
 * name of it, and each is dialled, dialled back, written out and kept.
 *
 * @returns what takes the bound off
 */
export function boundAddresses(
  libp2p: Pick<Libp2p, 'peerId' | 'peerStore'>,
  { onRefused = () => {} }: BoundAddressesOptions = {},
): () => void {
  const { peerId: own, peerStore } = libp2p

  const bounded = (peer: PeerId, data: PeerData): PeerData => {
    const { addresses = [], multiaddrs = [] } = data
    if (addresses.length + multiaddrs.length <= MAX_ADDRESSES || peer.equals(own)) return data
    onRefused(peer)
    const cut = { ...data }
    if (data.addresses !== undefined) cut.addresses = first(addresses, ({ multiaddr }) => multiaddr)
    if (data.multiaddrs !== undefined) cut.multiaddrs = first(multiaddrs, (each) => each)
    return cut
  }
  /** What was added may be too much together with what was there: the newest stay. */
  const cutBack = async (peer: Peer, added: PeerData): Promise<Peer> => {
    if (peer.addresses.length <= MAX_ADDRESSES || peer.id.equals(own)) return peer
    onRefused(peer.id)
    const isNew = newest(added)
    const before = peer.addresses.filter((address) => !isNew(address))
    const addresses = [...peer.addresses.filter(isNew), ...before].slice(0, MAX_ADDRESSES)
    return peerStore.patch(peer.id, { addresses })
  }
  const removals = [
    wrap(
      peerStore,
      'patch',
      (patch) => async (peer, data, options) => patch(peer, bounded(peer, data), options),
    ),
    wrap(
      peerStore,
      'save',
      (save) => async (peer, data, options) => save(peer, bounded(peer, data), options),
    ),
    wrap(peerStore, 'merge', (merge) => async (peer, data, options) => {
      const merged = await merge(peer, bounded(peer, data), options)
      return cutBack(merged, data)
    }),
  ]
  return () => removals.forEach((remove) => remove())
}

function first<Item>(all: readonly Item[], addressOf: (item: Item) => Multiaddr): Item[] {
  const looked = all.slice(0, MAX_LOOKED_AT)
  const isPlain = (item: Item): boolean => otherTransportOf(addressOf(item).toString()) === null
  return [...looked.filter(isPlain), ...looked.filter((item) => !isPlain(item))].slice(
    0,
    MAX_ADDRESSES,
  )
}

function newest({ addresses = [], multiaddrs = [] }: PeerData): (address: Address) => boolean {
  const names = [...multiaddrs, ...addresses.map(({ multiaddr }) => multiaddr)]
    .slice(0, MAX_LOOKED_AT)
    .map(String)
  const added = new Set(names)
  return ({ multiaddr }) => added.has(multiaddr.toString())
}
