import type { Engine } from './engine.ts'
import { LabInUseError, NoSuchLabError } from './errors.ts'
import { LABEL, labFilter, type LabIdentity, readIdentity } from './labels.ts'
import { type OwnerState, ownerState } from './owner.ts'
import { isGone } from './refusals.ts'

/** Everything at the engine that belongs to one lab. */
export interface LabRemains {
  identity: LabIdentity
  containers: string[]
  networks: string[]
  volumes: string[]
  /** Somebody asked to keep it. */
  kept: boolean
}

/** What the engine holds of one lab, or of all of them where `id` is null. */
export async function findRemains(engine: Engine, id: string | null): Promise<LabRemains[]> {
  const { docker } = engine
  const filters = JSON.stringify(labFilter(id))
  const [containers, networks, { Volumes }] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ])
  const labs = new Map<string, LabRemains>()
  const labOf = (labels: Readonly<Record<string, string>> | undefined): LabRemains | null => {
    const identity = readIdentity(labels ?? {})
    if (identity === null) return null
    const known = labs.get(identity.id)
    if (known !== undefined) return known
    const remains = { identity, containers: [], networks: [], volumes: [], kept: false }
    labs.set(identity.id, remains)
    return remains
  }
  for (const { Id, Labels } of containers) labOf(Labels)?.containers.push(Id)
  for (const { Id, Labels } of networks) labOf(Labels)?.networks.push(Id)
  for (const { Name, Labels } of Volumes ?? []) {
    const lab = labOf(Labels)
    lab?.volumes.push(Name)
    if (lab !== null && Labels[LABEL.role] === 'kept') lab.kept = true
  }
  return [...labs.values()]
}

/**
 * Removes a lab to its last piece, whatever state it is in: containers first, then what they hold on to.
 *
 * @throws AggregateError of what the engine would not remove, after everything was tried
 */
export async function removeLab(engine: Engine, id: string): Promise<void> {
  for (const remains of await findRemains(engine, id)) await removeRemains(engine, remains)
}

async function removeRemains({ docker }: Engine, remains: LabRemains): Promise<void> {
  const { id } = remains.identity
  const failures: unknown[] = []
  const all = async (removals: Promise<unknown>[]): Promise<void> => {
    for (const result of await Promise.allSettled(removals)) {
      if (result.status === 'rejected' && !isGone(result.reason)) failures.push(result.reason)
    }
  }
  await all(
    remains.containers.map((each) => docker.getContainer(each).remove({ force: true, v: true })),
  )
  await all([
    ...remains.networks.map((each) => docker.getNetwork(each).remove()),
    ...remains.volumes.map((each) => docker.getVolume(each).remove()),
  ])
  if (failures.length > 0) {
    throw new AggregateError(failures, `the engine would not remove all of lab ${id}`)
  }
}

/** Whether `clean` may take a lab away. */
export function isLeftover(remains: LabRemains, state: OwnerState, kept: boolean): boolean {
  if (state === 'alive') return false
  // Nobody here can tell whether a run on another machine lives: only who asks for everything gets it.
  return kept || (!remains.kept && state === 'gone')
}

export interface CleanLabsOptions {
  kept: boolean
  /** Only this one; null: all. */
  lab: string | null
  /** Told of each lab that stays because nobody can tell whether it runs. */
  onLeft?: (line: string) => void
  signal?: AbortSignal
}

/**
 * Removes what killed runs left; returns a line for each lab that is gone.
 *
 * @throws LabInUseError where the one lab that is meant still runs; NoSuchLabError where there is none
 */
export async function cleanLabs(engine: Engine, options: CleanLabsOptions): Promise<string[]> {
  const { kept, lab, onLeft, signal } = options
  const found = await findRemains(engine, lab)
  if (lab !== null && found.length === 0) throw new NoSuchLabError(lab)
  const lines: string[] = []
  for (const remains of found) {
    signal?.throwIfAborted()
    const { identity, containers, networks, volumes } = remains
    const { id, owner, scenario } = identity
    const state = await ownerState(owner)
    // A kept lab stays up while the process that kept it may still be at work on the report.
    if (lab !== null && state === 'alive' && !remains.kept) throw new LabInUseError(id, owner.pid)
    if (lab === null && !isLeftover(remains, state, kept)) {
      if (state === 'unknown' && !remains.kept) onLeft?.(unknownText(identity))
      continue
    }
    await removeRemains(engine, remains)
    lines.push(
      `lab ${id} (${scenario}): ` +
        `${containers.length} containers, ${networks.length} networks, ${volumes.length} volumes`,
    )
  }
  return lines
}

/** Why a lab of which nobody can tell whether it runs stays, for people. */
export function unknownText({ id, scenario, owner }: LabIdentity): string {
  return (
    `lab ${id} (${scenario}) stays: process ${owner.pid} on ${owner.host || 'another machine'} runs it, ` +
    `or did, and nobody here can tell; npm run clean -- ${id} removes it`
  )
}
