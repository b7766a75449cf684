import type { Libp2p } from '@libp2p/interface'
import { libp2pParts } from './parts.ts'

/**
 * Announces a public address that stands on an interface. libp2p withholds it until a peer has confirmed it, for which
 * it needs AutoNAT and many peers; but who binds an address has it.
 */
export function confirmInterfaceAddresses(libp2p: Libp2p): void {
  const { addressManager } = libp2pParts(libp2p)
  libp2p.addEventListener('transport:listening', () => {
    const known = addressManager.getAddressesWithMetadata()
    for (const { multiaddr: address, type, verified } of known) {
      if (type !== 'transport' || verified) continue
      addressManager.confirmObservedAddr(address, { type: 'transport', ttl: Infinity })
    }
  })
}
