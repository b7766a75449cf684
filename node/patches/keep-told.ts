import { CODE_P2P } from '@multiformats/multiaddr'
import type { KeepDialledComponents } from './keep-dialled.ts'
import { KeptAddresses } from './kept-addresses.ts'
import { wrap } from './wrap.ts'

/**
 * Keeps the addresses of a peer that others named.
 *
 * Identify runs on each further connection, and replaces a peer's stored addresses by those that the peer announces
 * (`consumeIdentifyMessage` of @libp2p/identify calls `peerStore.patch`). What others named before, and may be the one
 * address that works, is forgotten so at a moment that nobody chose: of two nodes with the same neighbours one lists the
 * peer and the other does not. An address is forgotten when a dial to it fails.
 */
export function keepToldAddresses({ libp2p, dials }: KeepDialledComponents): { stop: () => void } {
  const told = new KeptAddresses()
  const removals = [
    wrap(libp2p.peerStore, 'merge', (merge) => async (peerId, data, options) => {
      for (const address of data.multiaddrs ?? []) {
        told.keep(peerId.toString(), address.decapsulateCode(CODE_P2P).toString())
      }
      return merge(peerId, data, options)
    }),
    wrap(
      libp2p.peerStore,
      'patch',
      (patch) => async (peerId, data, options) =>
        patch(peerId, told.addedTo(peerId, data), options),
    ),
    dials.onDial(({ peerId, address, error }) => {
      if (error !== null && peerId !== null) told.forget(peerId, address)
    }),
  ]
  return { stop: () => removals.forEach((remove) => remove()) }
}
