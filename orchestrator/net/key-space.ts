import { sha256 } from '@noble/hashes/sha2.js'
import { base58btc } from 'multiformats/bases/base58'

const places = new Map<string, Uint8Array>()

/** A peer's place in Kademlia's key space: SHA-256 of the bytes of its id, as js-libp2p has it. */
export function placeOf(peerId: string): Uint8Array {
  const known = places.get(peerId)
  if (known !== undefined) return known
  const place = sha256(base58btc.baseDecode(peerId))
  places.set(peerId, place)
  return place
}

/** How many leading bits two places have in common: the more, the nearer. */
export function sharedBitsOf(one: Uint8Array, other: Uint8Array): number {
  for (const [index, byte] of one.entries()) {
    const difference = byte ^ (other[index] ?? 0)
    if (difference !== 0) return index * 8 + Math.clz32(difference) - 24
  }
  return one.length * 8
}

/** Below 0 where `one` is nearer to a place than `other`, by XOR. */
export function compareDistance(place: Uint8Array, one: Uint8Array, other: Uint8Array): number {
  for (const [index, byte] of place.entries()) {
    const difference = (byte ^ (one[index] ?? 0)) - (byte ^ (other[index] ?? 0))
    if (difference !== 0) return difference
  }
  return 0
}
