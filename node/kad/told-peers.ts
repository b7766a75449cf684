import type { PeerId, PeerInfo } from '@libp2p/interface'
import { pickDiverse, type Whereabouts } from './crowd.ts'
import { compareDistance, type Contact, type Contacts, placeOf } from './distance.ts'
import type { WirePeer } from './message.ts'

/** The parts of a host that this needs. */
export interface ToldPeersComponents {
  readonly peerId: PeerId
  readonly contacts: Contacts
  /** Contacts in the routing table. */
  readonly listed: () => Iterable<{ readonly peerId: PeerId }>
  /** What is stored of a peer. Rejects where nothing is. */
  readonly stored: (peer: PeerId) => Promise<PeerInfo>
  /** Where a peer is. Default: nothing is known of it. */
  readonly whereIs?: (contact: Contact) => Whereabouts
  /** Leaves the addresses that others may be told. */
  readonly mapper: (peer: PeerInfo) => PeerInfo
}

const MAX_KEPT = 5000

/** The peers that others are told of, with their addresses: kept encoded, as long as nothing changes. */
export class ToldPeers {
  readonly #components: ToldPeersComponents
  readonly #kept = new Map<string, WirePeer | null>()
  readonly #contactOf = new WeakMap<PeerId, Contact>()
  /** Counts changes: what was read while something changed is not kept. */
  #changes = 0

  constructor(components: ToldPeersComponents) {
    this.#components = components
  }

  /** Something about a peer has changed. */
  changed(peer: PeerId): void {
    this.#changes += 1
    this.#kept.delete(this.#components.contacts.of(peer).name)
  }

  /** The listed contacts closest to a place, closest first: those of crowds only where others leave room. */
  closestListed(place: Uint8Array, count: number): Contact[] {
    const listed = Array.from(this.#components.listed(), ({ peerId }) => this.#contact(peerId))
    const closestFirst = listed.toSorted((one, other) =>
      compareDistance(place, one.place, other.place),
    )
    const { whereIs } = this.#components
    if (whereIs === undefined || listed.length <= count) return closestFirst.slice(0, count)
    return pickDiverse(closestFirst, { count, whereIs, fill: true }).chosen
  }

  /**
   * What an asker is told: the peers closest to a key, neither itself nor this node among them; and the very peer that
   * is asked for, listed or not.
   */
  async closestTo(key: Uint8Array, asker: PeerId, count: number): Promise<WirePeer[]> {
    const contacts = this.closestListed(placeOf(key), count + 2)
    const exact = this.#peerNamedBy(key)
    const wanted = exact === null ? contacts : [exact, ...contacts]
    const names = new Set<string>()
    const told: WirePeer[] = []
    for (const contact of wanted) {
      const { name, peerId } = contact
      if (names.has(name) || peerId.equals(asker) || peerId.equals(this.#components.peerId))
        continue
      names.add(name)
      const kept = this.#kept.get(name)
      const peer = kept === undefined ? await this.#read(contact) : kept
      if (peer !== null) told.push(peer)
      if (told.length >= count) break
    }
    return told
  }

  #contact(peerId: PeerId): Contact {
    const known = this.#contactOf.get(peerId)
    if (known !== undefined) return known
    const contact = this.#components.contacts.of(peerId)
    this.#contactOf.set(peerId, contact)
    return contact
  }

  /** The peer whose multihash the key is: an identity or a SHA-256 one. */
  #peerNamedBy(key: Uint8Array): Contact | null {
    if (key[0] !== 0x00 && key[0] !== 0x12) return null
    try {
      return this.#components.contacts.ofBytes(key)
    } catch {
      return null
    }
  }

  async #read({ name, peerId }: Contact): Promise<WirePeer | null> {
    const { stored, mapper } = this.#components
    const before = this.#changes
    let peer: WirePeer | null = null
    try {
      const { multiaddrs } = mapper(await stored(peerId))
      if (multiaddrs.length > 0) {
        peer = {
          id: peerId.toMultihash().bytes,
          multiaddrs: multiaddrs.map((address) => address.bytes),
        }
      }
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'NotFoundError') throw error
    }
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear()
    if (this.#changes === before) this.#kept.set(name, peer)
    return peer
  }
}
