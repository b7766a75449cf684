import type { Connection } from '@libp2p/interface'
import { isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { addressGroup } from '../judgement/address-group.ts'
import type { Whereabouts } from './crowd.ts'
import type { Contact } from './distance.ts'

/** Peers that are kept: the last ones. */
const MAX_PEERS = 20_000

/** Knows where peers are: at the other end of their connections, or else where others say. */
export class PeerPlaces {
  readonly #connectionsTo: (contact: Contact) => readonly Connection[]
  readonly #ofConnection = new WeakMap<Connection, Whereabouts>()
  readonly #last = new Map<string, { places: Whereabouts; isSeen: boolean }>()

  constructor(connectionsTo: (contact: Contact) => readonly Connection[]) {
    this.#connectionsTo = connectionsTo
  }

  of(contact: Contact): Whereabouts {
    const open = this.#connectionsTo(contact).find(({ limits }) => limits === undefined)
    if (open === undefined) return this.#last.get(contact.name)?.places ?? []
    const known = this.#ofConnection.get(open)
    if (known !== undefined) return known
    const places = groupsOf([open.remoteAddr])
    this.#ofConnection.set(open, places)
    this.#keep(contact, { places, isSeen: true })
    return places
  }

  /** Others say that a peer is at these addresses. Where it was connected, that counts more. */
  said(contact: Contact, addresses: readonly Multiaddr[]): void {
    if (this.#last.get(contact.name)?.isSeen === true) return
    this.#keep(contact, { places: groupsOf(addresses), isSeen: false })
  }

  #keep({ name }: Contact, place: { places: Whereabouts; isSeen: boolean }): void {
    this.#last.delete(name)
    this.#last.set(name, place)
    const [oldest] = this.#last.keys()
    if (this.#last.size > MAX_PEERS && oldest !== undefined) this.#last.delete(oldest)
  }
}

function groupsOf(addresses: readonly Multiaddr[]): Whereabouts {
  return addresses
    .filter((address) => !isPrivate(address))
    .map(addressGroup)
    .filter((group) => group !== null)
}
