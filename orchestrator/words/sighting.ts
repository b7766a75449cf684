import type { AbortOptions } from '#node/base/abort-options.ts'
import type { NodeEvent } from '#node/events/node-event.ts'
import { CAUSES, type Cause } from '#node/judgement/causes.ts'
import type { Rung } from '#node/judgement/ladder.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import type { Look, PlannedExpectation } from './expectation.ts'
import type { LabNodes } from './lab-nodes.ts'
import type { Scene } from './scene.ts'

/** What expectations of one node about another have in common. */
export interface View {
  observer: string
  target: string
}

/** Events that change how one node sees another. */
export const SIGHTING_EVENTS: ReadonlySet<NodeEvent['event']> = new Set([
  'sighting',
  'connected',
  'dial-failed',
  'closed',
  'identified',
  'listed',
  'unlisted',
])

/** A dial-back makes connections of its own: their events must not ask for the next one. */
export const DIALABILITY_EVENTS: ReadonlySet<NodeEvent['event']> = new Set([
  'sighting',
  'identified',
  'listed',
  'unlisted',
])

/** Asks the observer how it sees the target, and judges the answer. */
export async function lookAtSighting(
  { observer, target }: View,
  nodes: LabNodes,
  options: AbortOptions & { dialBack: boolean },
  judge: (sighting: Sighting) => Look,
): Promise<Look> {
  const peerId = nodes.peerId(target)
  const sightings = await nodes.api(observer).discovery({ ...options, targets: [peerId] })
  const sighting = sightings.find((each) => each.peerId === peerId)
  if (sighting === undefined) return { holds: false, seen: `${observer} says nothing of it` }
  return judge(sighting)
}

/**
 * Looks at a view that holds only where the observer has met the target since it was last started: a table keeps who has ended,
 * and a connection may close late.
 */
export async function lookAtPresent(
  view: View,
  nodes: LabNodes,
  options: AbortOptions & { dialBack: boolean },
  judge: (sighting: Sighting) => Look,
): Promise<Look> {
  let connected = false
  const look = await lookAtSighting(view, nodes, options, (sighting) => {
    connected = sighting.connected === true
    return judge(sighting)
  })
  const { observer, target } = view
  if (!look.holds) return look
  if (nodes.knowsOnlyFormer(observer, target)) {
    return {
      holds: false,
      seen: `${look.seen}, from before ${target} was started again: ${observer} has not met it since`,
    }
  }
  if (!connected || (await nodes.isAlive(observer, target, options))) return look
  return {
    holds: false,
    seen: `${look.seen}, over a connection that has died: nothing comes back from ${target}`,
  }
}

/** One answer of a sighting in words; null is what is not known. */
export function inWords(
  answer: boolean | null,
  [yes, no, unknown]: readonly [yes: string, no: string, unknown: string],
): string {
  return answer === null ? unknown : answer ? yes : no
}

export const LISTED = ['listed', 'not listed', 'not known whether listed'] as const
export const CONNECTED = ['connected', 'not connected', 'not known whether connected'] as const
export const DIALABLE = ['dialable', 'not dialable', 'not dialled'] as const

/** `: CAUSE`, or nothing where there is none. */
export function because({ cause }: { cause: string | null }): string {
  return cause === null ? '' : `: ${cause}`
}

/** Whether a sighting has the awaited cause, or any that is final where none is named. */
export function causeFits({ cause }: { cause: string | null }, sighting: Sighting): boolean {
  if (cause !== null) return sighting.cause === cause
  if (sighting.cause === null) return false
  const { passes } = CAUSES[sighting.cause]
  return passes === undefined || passes === 'retried'
}

/** The target as it must be before an observer can see it so: `running`, `hasRun`, or either (`null`). */
export function checkView(
  word: string,
  { observer, target }: View,
  scene: Scene,
  needed: 'running' | 'hasRun' | null,
): void {
  scene.mustRun('observer', observer)
  if (scene.isNode(word, target) && needed !== null && !scene[needed].has(target)) {
    const state = scene.hasRun.has(target) ? 'does not run' : 'has not run'
    scene.fault(word, `impossible: ${target} ${state} at this step of variant ${scene.variant}`)
  }
  if (observer === target) scene.fault(word, `impossible: ${target} does not judge itself`)
}

/** A fault where the target is paused at this step, with what that makes impossible. */
export function mustNotBePaused(word: string, target: string, scene: Scene, why: string): void {
  if (!scene.paused.has(target)) return
  const place = `at this step of variant ${scene.variant}`
  scene.fault(word, `impossible: ${target} is paused ${place}, and ${why}`)
}

/**
 * Whether an expectation of one node about another cannot hold beside a second one about the same two: because they name
 * different causes (a target has one at a time), or by a rule of its own.
 */
export function excludesView(
  { observer, target, cause = null }: View & { cause?: string | null },
  other: PlannedExpectation,
  rule: (other: PlannedExpectation) => boolean,
): boolean {
  if (other.observer !== observer || other.target !== target) return false
  const rival = other.cause ?? null
  return (cause !== null && rival !== null && cause !== rival) || rule(other)
}

/** The rung that the cause of an expectation means; null where it names none. */
export function rungOf({ cause = null }: { cause?: string | null }): Rung | null {
  return cause === null ? null : CAUSES[cause as Cause].rung
}
