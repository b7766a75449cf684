import type { ExpectationResult } from '#orchestrator/run/events.ts'
import type { Look, PlannedExpectation } from '../words/expectation.ts'
import { expectationWord } from '../words/expectations/expectations.ts'

/** What became of an expectation, so long after its step began. */
export function resultOf(
  expectation: PlannedExpectation,
  { holds, seen }: Look,
  afterMs: number,
): ExpectationResult {
  const { observer, target = null, key = null, cause = null } = expectation
  const word = expectationWord(expectation)
  return {
    word: expectation.word,
    observer,
    target,
    key,
    cause,
    text: word.text(expectation),
    holds,
    expected: word.expected(expectation),
    seen,
    afterMs: Math.round(afterMs),
  }
}
