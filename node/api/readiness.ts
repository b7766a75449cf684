import type { Libp2p } from '@libp2p/interface'
import { CODE_P2P } from '@multiformats/multiaddr'
import { libp2pParts } from '../patches/parts.ts'
import type { Peer } from '../peer/peer.ts'

/** As much of a peer as tells whether it is ready. */
export type WaitingPeer = Pick<Peer, 'libp2p' | 'dht'> & {
  join: Pick<Peer['join'], 'joined' | 'bootstrapPeers'>
}

/** The addresses that the node listens on, without the peer id; none before its start and after its end. */
export function listeningAddresses(libp2p: Libp2p): string[] {
  const addresses = libp2pParts(libp2p).transportManager.getAddrs()
  return addresses.map((address) => address.decapsulateCode(CODE_P2P).toString())
}

/** What a node lacks before it can serve, as sentences for people; empty where it is ready. */
export function waitingFor({ libp2p, dht, join }: WaitingPeer): string[] {
  const others = join.bootstrapPeers().filter(({ state }) => state !== 'own-address')
  const missing: string[] = []
  if (listeningAddresses(libp2p).length === 0) missing.push('an address to listen on')
  if (!join.joined) {
    const tried = others.map(({ address, lastError }) =>
      lastError === null ? address : `${address} (${lastError})`,
    )
    missing.push(`a connection to a bootstrap peer: ${tried.join(', ')}`)
  }
  if (others.length > 0 && dht.routingTable.size === 0) {
    missing.push('a first peer in the routing table; discovery says why there is none')
  }
  return missing
}
