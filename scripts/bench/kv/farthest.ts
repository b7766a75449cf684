import { createHash } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'

/**
 * Indexes of the peers by their Kademlia distance to a key of the store, farthest first: XOR of the SHA-256 of the
 * record key and of the peer id's multihash.
 */
export function farthestFirst(key: string, peerIds: readonly string[]): number[] {
  const target = BigInt(`0x${sha256(Buffer.from(`/kv/${key}`))}`)
  const distances = peerIds.map((peer) => {
    const { bytes } = peerIdFromString(peer).toMultihash()
    return BigInt(`0x${sha256(bytes)}`) ^ target
  })
  return distances
    .map((distance, index) => ({ distance, index }))
    .toSorted((one, other) => (one.distance < other.distance ? 1 : -1))
    .map(({ index }) => index)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
