import type { PeerInfo } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as digest from 'multiformats/hashes/digest'
import type { WirePeer } from './message.ts'

/** A peer that a message names; null where its bytes are none. */
export function peerInfoOf({ id, multiaddrs }: WirePeer): PeerInfo | null {
  try {
    return {
      id: peerIdFromMultihash(digest.decode(id)),
      multiaddrs: multiaddrs.map((address) => multiaddr(address)),
    }
  } catch {
    return null
  }
}
