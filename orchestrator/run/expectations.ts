import { type Clock, timeoutSignal } from '#node/time/clock.ts'
import type { Expectation } from '#orchestrator/plan/plan-type.ts'
import type { ExpectationResult } from '#orchestrator/run/events.ts'
import {
  type Company,
  expectationText,
  expectedText,
  isState,
  look,
  type Look,
  wakingEvents,
} from './expectation-kinds.ts'
import type { Watch } from './watch.ts'

export interface ExpectationComponents {
  company: Company
  watch: Watch
  clock: Clock
}

/** How often states that fell while others were awaited are awaited anew. */
const ROUNDS = 5

/**
 * Awaits that every expectation of a step comes true within its time, and that those which describe a state hold
 * together at the end. Looks again only after an event that can have changed the answer, and once at the deadline.
 *
 * `onResult` is told of each expectation as soon as it and those before it are decided, so that reports have the order of
 * the scenario; and once more at the end of a state that had come true and fell meanwhile.
 */
export async function awaitExpectations(
  expectations: readonly Expectation[],
  components: ExpectationComponents,
  options: { signal: AbortSignal; onResult: (result: ExpectationResult) => void },
): Promise<boolean> {
  const { clock } = components
  const { signal, onResult } = options
  const startedAt = clock.now()
  const tell = inOrder(onResult)
  const results = await Promise.all(
    expectations.map(async (expectation, index) => {
      const result = await awaitOne(expectation, components, { signal, startedAt })
      tell(index, result)
      return result
    }),
  )
  const fell = new Set<number>()
  for (let round = 0; round < ROUNDS; round++) {
    const fallen = await Promise.all(
      results.map(async (result, index) => {
        const { expectation } = result
        if (expectation === null || !result.holds || !isState(expectation)) return false
        const again = await look(expectation, components.company, { signal })
        if (again.holds) return false
        results[index] = await awaitOne(expectation, components, { signal, startedAt })
        fell.add(index)
        return true
      }),
    )
    if (!fallen.includes(true)) break
  }
  for (const [index, result] of results.entries()) {
    if (fell.has(index)) onResult({ ...result, text: `${result.text} at the end of the step` })
  }
  return results.every(({ holds }) => holds)
}

/** Hands results on in the order of their places, each as soon as all before it are there. */
function inOrder(
  onResult: (result: ExpectationResult) => void,
): (place: number, result: ExpectationResult) => void {
  const waiting = new Map<number, ExpectationResult>()
  let next = 0
  return (place, result) => {
    waiting.set(place, result)
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      next += 1
      onResult(ready)
    }
  }
}

async function awaitOne(
  expectation: Expectation,
  { company, watch, clock }: ExpectationComponents,
  { signal, startedAt }: { signal: AbortSignal; startedAt: number },
): Promise<ExpectationResult> {
  const leftMs = Math.max(0, startedAt + expectation.withinMs - clock.now())
  const deadline = timeoutSignal(clock, leftMs)
  const patience = AbortSignal.any([signal, deadline.signal])
  const events = wakingEvents(expectation)

  function result({ holds, seen }: Look): ExpectationResult {
    return {
      expectation,
      text: expectationText(expectation),
      holds,
      expected: expectedText(expectation),
      seen,
      afterMs: clock.now() - startedAt,
    }
  }

  let last: Look = { holds: false, seen: 'no answer in time' }
  try {
    for (;;) {
      const count = watch.count
      last = await look(expectation, company, { signal: patience })
      if (last.holds || last.final === true) return result(last)
      await watch.after(count, events, { signal: patience })
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!deadline.signal.aborted) throw error
  } finally {
    deadline.clear()
  }
  return result(await lastLook(expectation, company, clock, { signal, before: last }))
}

/** Time enough for an answer that takes no dial. */
const LAST_LOOK_MS = 1000

/** What no event told is seen here, and a failure tells what was seen at its end. */
async function lastLook(
  expectation: Expectation,
  company: Company,
  clock: Clock,
  { signal, before }: { signal: AbortSignal; before: Look },
): Promise<Look> {
  if (!isState(expectation)) return before
  const deadline = timeoutSignal(clock, LAST_LOOK_MS)
  try {
    return await look(expectation, company, { signal: AbortSignal.any([signal, deadline.signal]) })
  } catch {
    signal.throwIfAborted()
    return before
  } finally {
    deadline.clear()
  }
}
