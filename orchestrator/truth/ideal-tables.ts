import { compareDistance, placeOf } from '../net/key-space.ts'
import { factsOf, type World } from './dials.ts'
import { keptBy } from './knowledge.ts'

/** By observer: whom it may list by the plan, the closest to it first. */
export type IdealTables = ReadonlyMap<string, readonly string[]>

/**
 * Who belongs into each node's routing table: servers of its protocol with an address that it keeps. Whether they can meet is left
 * out: it takes a dial for each address of each pair, and of a crowd that is minutes.
 */
export function idealTables(world: World): IdealTables {
  const place = (name: string): Uint8Array => placeOf(factsOf(world, name).peerId)
  return new Map(
    world.nodes.map(({ name }) => [
      name,
      world.nodes
        .map((other) => other.name)
        .filter((other) => mayList(world, name, other))
        .toSorted((one, other) => compareDistance(place(name), place(one), place(other))),
    ]),
  )
}

function mayList(world: World, observer: string, target: string): boolean {
  const own = factsOf(world, observer)
  const there = factsOf(world, target)
  if (own.peerId === there.peerId || !own.starts || !there.starts) return false
  if (!there.serves || own.protocol !== there.protocol) return false
  return keptBy(own.scope, there.announced).length > 0
}
