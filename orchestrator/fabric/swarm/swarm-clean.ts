import { setTimeout as delay } from 'node:timers/promises'
import { isLeftover, findRemains, type LabRemains, unknownText } from '../docker/clean.ts'
import type { CleanLabsOptions } from '../docker/clean.ts'
import type { Engine } from '../docker/engine.ts'
import { LabInUseError, NoSuchLabError } from '../docker/errors.ts'
import { ownerState } from '../docker/owner.ts'
import { isGone } from '../docker/refusals.ts'
import type { SwarmEngine } from './engines-file.ts'

/** How often, and how long between, a network is removed that the Swarm still holds for a container which is gone. */
const TRIES = 120
const BETWEEN_MS = 250

/** What each engine holds of one lab. */
type SwarmRemains = { at: SwarmEngine; remains: LabRemains }[]

/**
 * Removes a lab from all engines of a Swarm, to its last piece: containers first, then what they hold on to.
 *
 * @throws AggregateError of what an engine would not remove, after everything was tried
 */
export async function removeSwarmLab(engines: readonly SwarmEngine[], id: string): Promise<void> {
  const failures: unknown[] = []
  const found = await Promise.allSettled(
    engines.map(async (at) =>
      (await findRemains(at.engine, id)).map((remains) => ({ at, remains })),
    ),
  )
  const parts = found.flatMap((each) => {
    if (each.status === 'fulfilled') return each.value
    failures.push(each.reason)
    return []
  })
  await removeParts(parts, engines, failures)
  if (failures.length > 0) {
    throw new AggregateError(failures, `the engines would not remove all of lab ${id}`)
  }
}

async function removeParts(
  parts: SwarmRemains,
  engines: readonly SwarmEngine[],
  failures: unknown[],
): Promise<void> {
  const all = async (removals: Promise<unknown>[]): Promise<void> => {
    for (const result of await Promise.allSettled(removals)) {
      if (result.status === 'rejected' && !isGone(result.reason)) failures.push(result.reason)
    }
  }
  await all(
    parts.flatMap(({ at, remains }) =>
      remains.containers.map((each) =>
        at.engine.docker.getContainer(each).remove({ force: true, v: true }),
      ),
    ),
  )
  const networks = new Set(parts.flatMap(({ remains }) => remains.networks))
  const [manager] = engines
  await all([
    ...[...networks].map((each) => removeNetwork(manager as SwarmEngine, each)),
    ...parts.flatMap(({ at, remains }) =>
      remains.volumes.map((each) => at.engine.docker.getVolume(each).remove()),
    ),
  ])
}

async function removeNetwork({ engine }: SwarmEngine, id: string): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    try {
      await engine.docker.getNetwork(id).remove()
    } catch (error) {
      // Of a network that goes the manager says it as a fault of its own, and not by the status.
      const isGoing = isGone(error) || /network \S+ not found/i.test(String(error))
      const isHeld = /in use|active endpoints/i.test(String(error))
      if (!isGoing && (!isHeld || left === 0)) throw error
    }
    // The Swarm knows nothing of it long before the manager's own engine has forgotten it, and lists it no more.
    if (left === 0 || !(await isListed(engine, id))) return
    // The manager hears of a container's end from its engine, and tells nobody when.
    await delay(BETWEEN_MS)
  }
}

async function isListed({ docker }: Engine, id: string): Promise<boolean> {
  const filters = JSON.stringify({ id: [id] })
  return (await docker.listNetworks({ filters })).length > 0
}

/**
 * Removes what killed runs left on the engines of a Swarm; returns a line for each lab that is gone.
 *
 * @throws LabInUseError where the one lab that is meant still runs; NoSuchLabError where there is none
 */
export async function cleanSwarmLabs(
  engines: readonly SwarmEngine[],
  { kept, lab, onLeft, signal }: CleanLabsOptions,
): Promise<string[]> {
  const labs = new Map<string, SwarmRemains>()
  for (const at of engines) {
    for (const remains of await findRemains(at.engine, lab)) {
      const { id } = remains.identity
      labs.set(id, [...(labs.get(id) ?? []), { at, remains }])
    }
  }
  if (lab !== null && labs.size === 0) throw new NoSuchLabError(lab)
  const lines: string[] = []
  for (const [id, parts] of labs) {
    signal?.throwIfAborted()
    const [first] = parts
    if (first === undefined) continue
    const { identity } = first.remains
    const isKept = parts.some(({ remains }) => remains.kept)
    const state = await ownerState(identity.owner)
    if (lab !== null && state === 'alive' && !isKept)
      throw new LabInUseError(id, identity.owner.pid)
    if (lab === null && !isLeftover({ ...first.remains, kept: isKept }, state, kept)) {
      if (state === 'unknown' && !isKept) onLeft?.(unknownText(identity))
      continue
    }
    const failures: unknown[] = []
    await removeParts(parts, engines, failures)
    if (failures.length > 0) {
      throw new AggregateError(failures, `the engines would not remove all of lab ${id}`)
    }
    const count = (what: 'containers' | 'networks' | 'volumes'): number =>
      new Set(parts.flatMap(({ remains }) => remains[what])).size
    lines.push(
      `lab ${id} (${identity.scenario}): ${count('containers')} containers, ` +
        `${count('networks')} networks, ${count('volumes')} volumes`,
    )
  }
  return lines
}
