/** What a node refuses strangers to protect itself and others, each a series of one metric. */
export const REFUSALS = {
  connection: 'an inbound connection: too many at once, of one address, or of its network',
  'silent-connection': 'an inbound connection on which nothing was said',
  'peer-connection': 'an inbound connection of a peer that has too many',
  addresses: 'addresses of a peer above the number that is kept',
  push: 'what a peer pushes of itself: too much, or too often',
  'table-place': 'a place in the routing table: too many from one address, or from its network',
  'lookup-place':
    'a place among the peers closest to a key: too many from one address, or from its network',
  unanswering: 'a place in the routing table: the peer does not answer what it is asked',
  message: 'a Kademlia message: too long, unfinished, or none',
  record: 'a record: of a key that the store does not know, or not as its writer must make it',
  peer: 'a connection whose peer sends nothing but such messages',
} as const

export type Refusal = keyof typeof REFUSALS

type RefusalListener = (what: Refusal) => void

/** Passes on what is refused, to whoever counts it. */
export class Refusals {
  readonly #listeners: RefusalListener[] = []

  note(what: Refusal): void {
    for (const listener of this.#listeners) listener(what)
  }

  onRefused(listener: RefusalListener): void {
    this.#listeners.push(listener)
  }
}
