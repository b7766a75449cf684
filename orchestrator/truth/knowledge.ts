import { peerIdOf, reachOf, withoutPeerId } from '#node/judgement/multiaddr-facts.ts'
import type { AddressScope } from '#node/judgement/observation.ts'
import { factsOf, meantBy, type TrueDial, trueDial, type World } from './dials.ts'

/** What the nodes of a world have come to know of each other once nothing changes any more. */
export interface Knowledge {
  /** Whether a connection between the two stands, whoever made it. */
  connected(one: string, other: string): boolean
  /** Addresses that the observer holds of the target. */
  stored(observer: string, target: string): string[]
  /** Those that its filter keeps. */
  kept(observer: string, target: string): string[]
  lists(observer: string, target: string): boolean
  /** Dials of the target that failed while there was no connection. */
  failed(observer: string, target: string): TrueDial[]
  /** Whether somebody named the target to the observer. */
  toldOf(observer: string, target: string): boolean
  /** Whether the observer has a connection to anybody. */
  joined(observer: string): boolean
}

/** Which of several nodes of one identity gets what is sent to that peer: whoever connected first, which nobody planned. */
export type AnsweringTwin = 'first' | 'last'

/**
 * Plays the nodes' rules until nothing changes: each dials whom it is to join through; each asks whom it lists for
 * everybody whom those list; each dials at the addresses that it was told.
 */
export function knowledgeOf(world: World, answering: AnsweringTwin = 'first'): Knowledge {
  const names = world.nodes.map(({ name }) => name).filter((name) => factsOf(world, name).starts)
  const asked = answering === 'first' ? names : names.toReversed()
  const table = new Table(world)
  let before = -1
  while (table.size !== before) {
    before = table.size
    // Whoever is named in a configuration is dialled at once, whom others name later.
    for (const observer of names) join(world, table, observer, answering)
    for (const observer of names) {
      for (const one of onePerIdentity(world, asked, table, observer)) {
        for (const target of names) {
          if (target === observer || !table.lists(one, target)) continue
          table.tell(observer, target, keptBy(factsOf(world, one).scope, table.stored(one, target)))
        }
      }
      for (const target of names) if (target !== observer) look(world, table, observer, target)
    }
  }
  return table
}

/** Whom an observer asks: those that it lists, and of several with one identity the first that it is connected to. */
function onePerIdentity(
  world: World,
  names: readonly string[],
  table: Table,
  observer: string,
): string[] {
  const asked = new Map<string, string>()
  for (const name of names) {
    const { peerId } = factsOf(world, name)
    if (!asked.has(peerId) && table.lists(observer, name)) asked.set(peerId, name)
  }
  return [...asked.values()]
}

function join(world: World, table: Table, observer: string, answering: AnsweringTwin): void {
  const { bootstrap } = factsOf(world, observer)
  for (const address of answering === 'first' ? bootstrap : bootstrap.toReversed()) {
    const dial = trueDial(world, observer, address)
    if (dial.kind === null && dial.answeredBy !== null) {
      // Two addresses of one peer id are one peer to libp2p: it keeps the connection that it has.
      if (hasTwinOf(world, table, observer, dial.answeredBy)) continue
      table.connect(observer, dial.answeredBy, withoutPeerId(address))
      continue
    }
    const wanted = peerIdOf(address)
    const targets = [
      dial.kind === 'own-address' ? null : dial.answeredBy,
      dial.kind === 'own-address' ? null : meantBy(world, observer, address),
      world.nodes.find(({ name }) => factsOf(world, name).peerId === wanted)?.name ?? null,
    ]
    for (const target of new Set(targets)) {
      if (target !== null && target !== observer) table.fail(observer, target, dial)
    }
  }
}

/** Whether the observer is connected to another node of the same identity. */
function hasTwinOf(world: World, table: Table, observer: string, target: string): boolean {
  const { peerId } = factsOf(world, target)
  return world.nodes.some(
    ({ name }) =>
      name !== target &&
      name !== observer &&
      factsOf(world, name).peerId === peerId &&
      table.connected(observer, name),
  )
}

/** Dials a peer that was named, at what it was named with. */
function look(world: World, table: Table, observer: string, target: string): void {
  const own = factsOf(world, observer)
  const { peerId } = factsOf(world, target)
  // A connection to somebody else of the same identity counts as one to the peer.
  const isOfThatPeer = ({ name }: { name: string }): boolean =>
    name !== observer && factsOf(world, name).peerId === peerId
  if (world.nodes.filter(isOfThatPeer).some(({ name }) => table.connected(observer, name))) return
  const told = table.told(observer, target)
  if (keptBy(own.scope, told).length === 0) return
  for (const address of told.filter((each) => own.dials(each))) {
    const dial = trueDial(world, observer, `${address}/p2p/${peerId}`)
    if (dial.kind === null) return table.connect(observer, target, address)
    table.fail(observer, target, dial)
  }
}

/** Addresses that a filter keeps. */
export function keptBy(scope: AddressScope, addresses: readonly string[]): string[] {
  return addresses.filter(
    (address) => scope === 'any' || (reachOf(address) === 'public') === (scope === 'public'),
  )
}

class Table implements Knowledge {
  readonly #world: World
  readonly #connections = new Set<string>()
  readonly #addresses = new Map<string, Set<string>>()
  readonly #dialled = new Map<string, Set<string>>()
  readonly #failed = new Map<string, Map<string, TrueDial>>()

  constructor(world: World) {
    this.#world = world
  }

  /** Grows with everything that is learned. */
  get size(): number {
    const sizes = [...this.#addresses.values(), ...this.#dialled.values(), ...this.#failed.values()]
    return sizes.reduce((sum, { size }) => sum + size, this.#connections.size)
  }

  connect(observer: string, target: string, address: string): void {
    this.#connections.add(pair(observer, target)).add(pair(target, observer))
    setIn(this.#dialled, pair(observer, target)).add(address)
  }

  tell(observer: string, target: string, addresses: readonly string[]): void {
    for (const address of addresses) setIn(this.#addresses, pair(observer, target)).add(address)
  }

  fail(observer: string, target: string, dial: TrueDial): void {
    const key = pair(observer, target)
    const dials = this.#failed.get(key) ?? new Map<string, TrueDial>()
    this.#failed.set(key, dials.set(withoutPeerId(dial.address), dial))
  }

  connected(one: string, other: string): boolean {
    return this.#connections.has(pair(one, other))
  }

  joined(observer: string): boolean {
    return this.#world.nodes.some(({ name }) => this.connected(observer, name))
  }

  told(observer: string, target: string): string[] {
    return [...(this.#addresses.get(pair(observer, target)) ?? [])]
  }

  toldOf(observer: string, target: string): boolean {
    return this.told(observer, target).length > 0
  }

  stored(observer: string, target: string): string[] {
    const dialled = this.#dialled.get(pair(observer, target)) ?? []
    const said = this.connected(observer, target) ? factsOf(this.#world, target).announced : []
    return [...new Set([...said, ...dialled, ...this.told(observer, target)])]
  }

  kept(observer: string, target: string): string[] {
    return keptBy(factsOf(this.#world, observer).scope, this.stored(observer, target))
  }

  lists(observer: string, target: string): boolean {
    const there = factsOf(this.#world, target)
    return (
      observer !== target &&
      this.connected(observer, target) &&
      there.serves &&
      there.protocol === factsOf(this.#world, observer).protocol &&
      this.kept(observer, target).length > 0
    )
  }

  failed(observer: string, target: string): TrueDial[] {
    return [...(this.#failed.get(pair(observer, target))?.values() ?? [])]
  }
}

function pair(observer: string, target: string): string {
  return `${observer} ${target}`
}

function setIn(map: Map<string, Set<string>>, key: string): Set<string> {
  const found = map.get(key) ?? new Set()
  map.set(key, found)
  return found
}
