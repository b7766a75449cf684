import type { PlannedExpectation } from '../words/expectation.ts'
import { enoughHold, type Members, mustAllHold } from '../words/group.ts'
import { resultOf } from './expectation-result.ts'
import type { AwaitOptions, ExpectationComponents, Outcome } from './expectations.ts'

/** An expectation of a group. */
type GroupExpectation = PlannedExpectation & { members: Members<PlannedExpectation> }

/** So many of those that do not hold are named, and so many reasons. */
const NAMED = 3

/**
 * Awaits that enough members of a group hold, each as if it stood alone. What they come to is one result: it says how many
 * hold, and of the others who they are and what was seen of them.
 *
 * @param options.awaitOne awaits a member
 */
export async function awaitGroup(
  expectation: GroupExpectation,
  components: ExpectationComponents,
  {
    signal,
    startedAt,
    awaitOne,
  }: AwaitOptions & {
    awaitOne: (
      one: PlannedExpectation,
      components: ExpectationComponents,
      options: AwaitOptions,
    ) => Promise<Outcome>
  },
): Promise<Outcome> {
  const { members } = expectation
  const outcomes = new Map<PlannedExpectation, Outcome>()
  const holds = (one: PlannedExpectation): boolean => outcomes.get(one)?.result.holds === true
  /** Once enough hold, nobody waits for the others. */
  const enough = new AbortController()
  const patience = AbortSignal.any([signal, enough.signal])
  const all = members.rows.flat()
  await Promise.all(
    all.map(async (one) => {
      try {
        outcomes.set(one, await awaitOne(one, components, { signal: patience, startedAt }))
      } catch (error) {
        if (signal.aborted || !enough.signal.aborted) throw error
      }
      if (!mustAllHold(expectation) && enoughHold(members, holds)) enough.abort()
    }),
  )
  const held = enoughHold(members, holds)
  const seen = `${inNumbers(members, holds)}${held ? '' : whyNot(all, outcomes)}`
  const afterMs = components.clock.now() - startedAt
  const slow = all.map((one) => outcomes.get(one)?.tooSlow ?? null).find((text) => text !== null)
  return {
    result: resultOf(expectation, { holds: held, seen }, afterMs),
    tooSlow: held ? null : (slow ?? null),
  }
}

/** `18 of 20`, or `41 of 50, 118 of 150 pairs`. */
function inNumbers(
  { rows, neededInRow }: Members<PlannedExpectation>,
  holds: (one: PlannedExpectation) => boolean,
): string {
  const all = rows.flat()
  const inAll = `${all.filter(holds).length} of ${all.length}`
  if (rows.every(({ length }) => length === 1)) return inAll
  if (rows.length === 1) return inAll
  const full = rows.filter((row) => enoughHold({ rows: [row], rowsNeeded: 1, neededInRow }, holds))
  return `${full.length} of ${rows.length}, ${inAll} pairs`
}

/** What was seen of those that do not hold, the most frequent first. */
function whyNot(
  all: readonly PlannedExpectation[],
  outcomes: ReadonlyMap<PlannedExpectation, Outcome>,
): string {
  const missed = all.filter((one) => outcomes.get(one)?.result.holds !== true)
  const bySeen = Map.groupBy(missed, (one) => outcomes.get(one)?.result.seen ?? 'no answer')
  const reasons = [...bySeen].toSorted(([, one], [, other]) => other.length - one.length)
  const targets = new Set(all.map(({ target }) => target))
  const named = reasons.slice(0, NAMED).map(([seen, those]) => {
    const names = those
      .slice(0, NAMED)
      .map(({ observer, target }) => (targets.size > 1 ? `${observer} of ${target}` : observer))
    const more = those.length - names.length
    return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}: ${seen}`
  })
  const more = reasons.length - named.length
  return `; ${named.join('; ')}${more > 0 ? `; and ${more} other reasons` : ''}`
}
