import type { PlannedExpectation } from '../expectation.ts'
import { expectationWord } from './expectations.ts'

/** Expectations of one step must hold together: a message for each that cannot hold beside one before it. */
export function contradictions(
  expectations: readonly PlannedExpectation[],
): { index: number; message: string }[] {
  return expectations.flatMap((one, index) => {
    const rival = expectations.slice(0, index).find((other) => exclude(one, other))
    return rival === undefined ? [] : [{ index, message: messageOf(one, rival) }]
  })
}

function exclude(one: PlannedExpectation, other: PlannedExpectation): boolean {
  return expectationWord(one).excludes(one, other) || expectationWord(other).excludes(other, one)
}

/** Sentences that are the same differ in what is expected. */
function messageOf(...pair: [one: PlannedExpectation, other: PlannedExpectation]): string {
  const texts = pair.map((each) => expectationWord(each).text(each))
  const same = texts[0] === texts[1]
  const [one, other] = pair.map((each, at) => {
    return same ? `${texts[at]} as ${expectationWord(each).expected(each)}` : texts[at]
  })
  return `impossible in one step: ${one}, and ${other}`
}
