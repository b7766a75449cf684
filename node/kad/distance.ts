import { createHash } from 'node:crypto'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import * as digest from 'multiformats/hashes/digest'
import { nameOfBytes } from './message.ts'

/** A peer and its place in the key space. */
export interface Contact {
  readonly peerId: PeerId
  /** The bytes of its multihash as text: what it is known by here. */
  readonly name: string
  /** SHA-256 of the multihash: 32 bytes. */
  readonly place: Uint8Array
}

/** The place of a key, or of a peer id's multihash, in the key space. */
export function placeOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

/** Below 0 where `one` is closer to the target than `other`, by XOR. */
export function compareDistance(target: Uint8Array, one: Uint8Array, other: Uint8Array): number {
  for (let index = 0; index < target.byteLength; index += 1) {
    const a = (one[index] ?? 0) ^ (target[index] ?? 0)
    const b = (other[index] ?? 0) ^ (target[index] ?? 0)
    if (a !== b) return a - b
  }
  return 0
}

/** Peers of which the place is kept; each is some hundred bytes. */
const MAX_CONTACTS = 20_000

/** Contacts by name, so that each peer is hashed and parsed once. */
export class Contacts {
  readonly #byName = new Map<string, Contact>()

  of(peerId: PeerId): Contact {
    return this.#get(nameOfBytes(peerId.toMultihash().bytes), () => peerId)
  }

  /** @throws where the bytes are no peer id. */
  ofBytes(id: Uint8Array): Contact {
    return this.#get(nameOfBytes(id), () => peerIdFromMultihash(digest.decode(id)))
  }

  /** The contact of that name. */
  named(name: string): Contact {
    return this.#byName.get(name) ?? this.ofBytes(Buffer.from(name, 'latin1'))
  }

  #get(name: string, peerId: () => PeerId): Contact {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const contact = { name, peerId: peerId(), place: placeOf(Buffer.from(name, 'latin1')) }
    this.#byName.set(name, contact)
    const [oldest] = this.#byName.keys()
    if (this.#byName.size > MAX_CONTACTS && oldest !== undefined) this.#byName.delete(oldest)
    return contact
  }
}
