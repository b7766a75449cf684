import type { PeerId } from '@libp2p/interface'
import type { KadDHT } from './kad.ts'
import { wrap } from './wrap.ts'

/**
 * Has each peer admitted before it is verified and listed.
 *
 * kad-dht lists whoever answers a ping, as long as there is room: who it is and where it comes from is not asked.
 *
 * @param admit throws where the peer is not to be listed
 * @returns what takes the guard off
 */
export function guardTable({ routingTable }: KadDHT, admit: (peer: PeerId) => void): () => void {
  return wrap(routingTable, 'add', (add) => async (peer, options) => {
    admit(peer)
    return add(peer, options)
  })
}
