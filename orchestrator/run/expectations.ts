import type { AbortOptions } from '#node/base/abort-options.ts'
import { describeError } from '#node/base/errors.ts'
import type { Clock } from '#node/time/clock.ts'
import { within } from '#node/time/deadline.ts'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import { fromNow, type Look, type PlannedExpectation } from '../words/expectation.ts'
import { expectationWord } from '../words/expectations/expectations.ts'
import { enoughHold } from '../words/group.ts'
import type { LabNodes } from '../words/lab-nodes.ts'
import { resultOf } from './expectation-result.ts'
import { awaitGroup } from './group-expectation.ts'
import { MachineTooSlowError, type Starvation } from './starvation.ts'
import type { Watch } from './watch.ts'

export interface ExpectationComponents {
  nodes: LabNodes
  watch: Watch
  clock: Clock
  /** Who stood still, and when. Default: nobody does, as in simulated time. */
  starvation?: Starvation
  /** When the variant began, by the clock. Default: with this step. */
  beganAt?: number
}

/** How often states that fell while others were awaited are awaited anew. */
const ROUNDS = 5

/**
 * Awaits that every expectation of a step comes true within its time, and that those which describe a state hold
 * together at the end. Looks again only after an event that can have changed the answer, and once at the deadline.
 *
 * `onResult` is given each expectation's result as soon as it and those before it are decided, so that reports have the order of
 * the scenario; and once more at the end of a state that had come true and fell meanwhile.
 *
 * @throws MachineTooSlowError where one was missed, and the machine is a reason for it: nothing is said of such a one
 */
export async function awaitExpectations(
  planned: readonly PlannedExpectation[],
  components: ExpectationComponents,
  options: { signal: AbortSignal; onResult: (result: ExpectationResult) => void },
): Promise<boolean> {
  const { clock } = components
  const { signal, onResult } = options
  const startedAt = clock.now()
  const { beganAt = startedAt } = components
  const expectations = planned.map((each) => fromNow(each, startedAt - beganAt))
  const report = inOrder(onResult)
  const unjudged: string[] = []
  const results = await Promise.all(
    expectations.map(async (expectation, index) => {
      const { result, tooSlow } = await awaitAny(expectation, components, { signal, startedAt })
      report(index, tooSlow === null ? result : null)
      if (tooSlow !== null) unjudged.push(tooSlow)
      return result
    }),
  )
  if (unjudged.length > 0) throw new MachineTooSlowError(unjudged)
  const fell = new Set<number>()
  for (let round = 0; round < ROUNDS; round++) {
    const fallen = await Promise.all(
      results.map(async (result, index) => {
        const expectation = expectations[index]
        if (expectation === undefined || !result.holds) return false
        if (!expectationWord(expectation).isState) return false
        if (await stillHolds(expectation, components.nodes, { signal })) return false
        const { result: anew, tooSlow } = await awaitAny(expectation, components, {
          signal,
          startedAt,
        })
        results[index] = anew
        if (tooSlow !== null) unjudged.push(tooSlow)
        fell.add(index)
        return true
      }),
    )
    if (unjudged.length > 0) throw new MachineTooSlowError(unjudged)
    if (!fallen.includes(true)) break
  }
  for (const [index, result] of results.entries()) {
    if (fell.has(index)) onResult({ ...result, text: `${result.text} at the end of the step` })
  }
  return results.every(({ holds }) => holds)
}

/** Hands results on in the order of their places, each as soon as all before it are there. A place may have none. */
function inOrder(
  onResult: (result: ExpectationResult) => void,
): (place: number, result: ExpectationResult | null) => void {
  const waiting = new Map<number, ExpectationResult | null>()
  let next = 0
  return (place, result) => {
    waiting.set(place, result)
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      next += 1
      if (ready !== null) onResult(ready)
    }
  }
}

/** What became of an expectation, and what to say where the machine was too slow to tell; null where it was not. */
export interface Outcome {
  result: ExpectationResult
  tooSlow: string | null
}

/** How an expectation is awaited: until when counts from where its step began. */
export type AwaitOptions = { signal: AbortSignal; startedAt: number }

function awaitAny(
  expectation: PlannedExpectation,
  components: ExpectationComponents,
  options: AwaitOptions,
): Promise<Outcome> {
  const { members } = expectation
  if (members === undefined) return awaitOne(expectation, components, options)
  return awaitGroup({ ...expectation, members }, components, { ...options, awaitOne })
}

async function stillHolds(
  expectation: PlannedExpectation,
  nodes: LabNodes,
  options: AbortOptions,
): Promise<boolean> {
  const { members } = expectation
  if (members === undefined) return (await look(expectation, nodes, options)).holds
  const held = new Set<PlannedExpectation>()
  for (const one of members.rows.flat()) {
    if ((await look(one, nodes, options)).holds) held.add(one)
  }
  return enoughHold(members, (one) => held.has(one))
}

async function awaitOne(
  expectation: PlannedExpectation,
  { nodes, watch, clock, starvation }: ExpectationComponents,
  { signal, startedAt }: AwaitOptions,
): Promise<Outcome> {
  const leftMs = Math.max(0, startedAt + expectation.withinMs - clock.now())
  const word = expectationWord(expectation)

  const result = (look: Look): ExpectationResult =>
    resultOf(expectation, look, clock.now() - startedAt)
  let last: Look = { holds: false, seen: 'no answer in time' }
  /** Looks after each event that can have changed the answer, until one decides. */
  async function lookUntil(decides: (seen: Look) => boolean, patience: AbortSignal): Promise<Look> {
    for (;;) {
      const count = watch.count
      last = await look(expectation, nodes, { signal: patience })
      if (decides(last)) return last
      await watch.after(count, word.wakes, { signal: patience, ...concerning(expectation) })
    }
  }
  const untilFinal = (patience: AbortSignal): Promise<Look> =>
    lookUntil(({ holds, final }) => holds || final === true, patience)
  const atTheEnd = (): Promise<Look> =>
    lastLook(expectation, nodes, clock, { signal, before: last })

  /** What has come true must be seen at each look until the time is over. */
  async function lasting(staysMs: number): Promise<Look> {
    const heldAt = clock.now()
    const untilFallen = async (patience: AbortSignal): Promise<Look> => {
      const { seen } = await lookUntil(({ holds }) => !holds, patience)
      const afterMs = Math.round(clock.now() - heldAt)
      return { holds: false, seen: `${seen}, ${afterMs} ms after it had come true` }
    }
    return within(clock, staysMs, signal, untilFallen, atTheEnd)
  }

  /** What came true soon after its time is told apart from what never does. It does not hold for that. */
  async function orLate(missed: Look): Promise<Look> {
    const deadline = clock.now()
    const patienceMs = Math.min(expectation.withinMs, LATE_MS)
    const later = await within(clock, patienceMs, signal, untilFinal, () => missed)
    if (!later.holds) return missed
    const lateMs = Math.round(clock.now() - deadline)
    return { holds: false, seen: `${later.seen}, ${lateMs} ms after the deadline` }
  }

  async function waitFor(waitMs: number): Promise<Look> {
    return within(clock, waitMs, signal, untilFinal, atTheEnd)
  }

  const { observer, target, staysMs } = expectation
  const involved = target === undefined ? [observer] : [observer, target]
  let found = await waitFor(leftMs)
  if (!found.holds && found.final !== true) {
    // The time counts from when the machine could: what it stood still is given once more.
    const stoodStillMs = starvation?.since(startedAt, involved).lateMs ?? 0
    if (stoodStillMs > 0) found = await waitFor(Math.min(stoodStillMs, expectation.withinMs))
  }
  if (found.holds && staysMs !== undefined) found = await lasting(staysMs)
  if (found.holds) return { result: result(found), tooSlow: null }
  const tooSlow = starvation?.tooSlow(startedAt, involved) ?? null
  if (tooSlow !== null) {
    const seen = `${word.text(expectation)} (saw ${found.seen}; ${tooSlow})`
    return { result: result(found), tooSlow: seen }
  }
  const missed = found.final !== true && staysMs === undefined
  return { result: result(missed ? await orLate(found) : found), tooSlow: null }
}

/** How one node sees another is told by these two; who has a record, by anybody. */
function concerning({ observer, target, key }: PlannedExpectation): { of?: string[] } {
  return target === undefined || key !== undefined ? {} : { of: [observer, target] }
}

/** So long a missed expectation is watched on, and no longer than it had before. */
const LATE_MS = 5000

/** Time enough for an answer that takes no dial. */
const LAST_LOOK_MS = 1000

/** What no event reported is seen here, and a failure reports what was seen at its end. */
async function lastLook(
  expectation: PlannedExpectation,
  nodes: LabNodes,
  clock: Clock,
  { signal, before }: { signal: AbortSignal; before: Look },
): Promise<Look> {
  if (!expectationWord(expectation).isState) return before
  try {
    return await within(clock, LAST_LOOK_MS, signal, async (patience) =>
      look(expectation, nodes, { signal: patience }),
    )
  } catch {
    signal.throwIfAborted()
    return before
  }
}

/** Looks whether an expectation holds now. A node that does not answer does not hold it; rejects where the signal aborts. */
async function look(
  expectation: PlannedExpectation,
  nodes: LabNodes,
  options: AbortOptions,
): Promise<Look> {
  try {
    return await expectationWord(expectation).look(expectation, nodes, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    return { holds: false, seen: describeError(error) }
  }
}
