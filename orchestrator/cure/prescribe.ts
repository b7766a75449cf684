import type { Cause, RemedyAction } from '#node/judgement/causes.ts'
import { type World, factsOf, worldOf } from '../truth/dials.ts'
import { applied, merged, type Patient } from './apply.ts'
import { doorsOf } from './doors.ts'
import { type Joins, joinsOf } from './joining.ts'
import { type Needs, needsOf } from './pair.ts'
import type { Pair } from './pairs.ts'

/** A pair that is not as it should be. */
export interface RedPair extends Pair {
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
  const first = needsIn(patient, red)
  const once = applied(patient, merged(first.flatMap(actionsOf)))
  // What one pair needs may undo what served another: a public address that is announced in place of the private one.
  const second = needsIn(once, red)
  const needs = red.map((_, index): Needs => {
    const [before, after] = [first[index], second[index]]
    if (before === undefined || 'none' in before) return before ?? { actions: [] }
    return {
      actions: merged([...before.actions, ...(after === undefined ? [] : actionsOf(after))]),
    }
  })
  const treated = worldFor(applied(patient, merged(needs.flatMap(actionsOf))))
  const curable = red.filter((_, index) => !isIncurable(needs[index]))
  const joins = joinsOf(treated, doorsOf(treated), curable)
  return red.map((pair, index) => {
    const own = needs[index] ?? { actions: [] }
    if ('none' in own) return { ...pair, actions: [], none: own.none }
    return {
      ...pair,
      actions: merged([...own.actions, ...meeting(treated, joins, pair)]),
      none: null,
    }
  })
}

/** Of all that lets nodes hear of each other, what this pair takes. */
function meeting(
  world: World,
  { actions, partOf }: Joins,
  { observer, target }: RedPair,
): readonly RemedyAction[] {
  const parts = [partOf.get(observer), partOf.get(target)]
  return parts[0] === parts[1]
    ? actions.filter(({ on }) => on === observer || on === target)
    : actions.filter(({ on }) => parts.includes(partOf.get(on)) || !isJoined(world, on))
}

function needsIn(patient: Patient, red: readonly RedPair[]): Needs[] {
  const world = worldFor(patient)
  const context = { world, doors: doorsOf(world), protocol: commonProtocol(world) }
  return red.map(({ observer, target, cause }) =>
    cause === 'IP_GROUP_FULL'
      ? roomFor(world, observer, target)
      : needsOf(context, observer, target),
  )
}

/** Room for everybody of one network of addresses: half of a kadlab node's places may go to one address. */
function roomFor({ nodes }: World, observer: string, target: string): Needs {
  const program = nodes.find(({ name }) => name === observer)?.program ?? 'kadlab'
  if (program === 'kadlab') {
    return { actions: [{ on: observer, set: { MAX_LISTED_PER_NETWORK: `${2 * nodes.length}` } }] }
  }
  return {
    none: `no setting makes ${observer} list more of one network: ${target} needs an address in another`,
  }
}

function actionsOf(needs: Needs): readonly RemedyAction[] {
  return 'none' in needs ? [] : needs.actions
}

function isIncurable(needs: Needs | undefined): boolean {
  return needs !== undefined && 'none' in needs
}

function worldFor({ networks, routers, nodes }: Patient): World {
  return worldOf({ networks, routers: [...routers] }, { nodes: [...nodes] })
}

function isJoined(world: World, node: string): boolean {
  return factsOf(world, node).bootstrap.length > 0
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
