import type { Cause, RemedyAction } from '#node/judgement/causes.ts'
import { type World, factsOf, worldOf } from '../truth/dials.ts'
import { applied, merged, type Patient } from './apply.ts'
import { doorsOf } from './doors.ts'
import { joinsOf } from './joining.ts'
import { needsOf } from './pair.ts'

/** A pair that is not as it should be. */
export interface RedPair {
  readonly observer: string
  readonly target: string
  readonly cause: Cause | null
}

/** What cures one pair, or why nothing does. */
export interface Prescription extends RedPair {
  readonly actions: readonly RemedyAction[]
  /** Null where something cures it. */
  readonly none: string | null
}

/**
 * What cures each red pair of a lab: by what its plan says of routers, doors and settings. The actions of one pair are all
 * that stands between the two, so that together they cure.
 */
export function prescribe(patient: Patient, red: readonly RedPair[]): Prescription[] {
  const world = worldFor(patient)
  const doors = doorsOf(world)
  const protocol = commonProtocol(world)
  const needs = red.map((pair) => ({
    pair,
    needs: needsOf({ world, doors, protocol }, pair.observer, pair.target),
  }))
  const direct = merged(needs.flatMap(({ needs }) => ('none' in needs ? [] : needs.actions)))
  const treated = worldFor(applied(patient, direct))
  const neighbours = needs.flatMap(({ pair, needs }) =>
    'none' in needs || !areNeighbours(patient, pair) ? [] : [pair],
  )
  const joins = joinsOf(treated, doorsOf(treated), neighbours)
  return needs.map(({ pair, needs }) => {
    if ('none' in needs) return { ...pair, actions: [], none: needs.none }
    const parts = [pair.observer, pair.target].map((name) => joins.partOf.get(name))
    const isApart = parts[0] !== parts[1]
    const meeting = isApart
      ? joins.actions.filter(
          ({ on }) => parts.includes(joins.partOf.get(on)) || !isJoined(treated, on),
        )
      : joins.actions.filter(({ on }) => on === pair.observer || on === pair.target)
    return { ...pair, actions: merged([...needs.actions, ...meeting]), none: null }
  })
}

function worldFor({ networks, routers, nodes }: Patient): World {
  return worldOf({ networks, routers: [...routers] }, { nodes: [...nodes] })
}

function isJoined(world: World, node: string): boolean {
  return factsOf(world, node).bootstrap.length > 0
}

function areNeighbours({ nodes }: Patient, { observer, target }: RedPair): boolean {
  const [here, there] = [observer, target].map(
    (name) => nodes.find((node) => node.name === name)?.network,
  )
  return here === there && here !== 'internet'
}

/** What most speak, of several the first. */
function commonProtocol(world: World): string {
  const counts = new Map<string, number>()
  for (const { name } of world.nodes) {
    const { protocol } = factsOf(world, name)
    counts.set(protocol, (counts.get(protocol) ?? 0) + 1)
  }
  const [best] = [...counts].toSorted(([, one], [, other]) => other - one)
  return best?.[0] ?? ''
}
