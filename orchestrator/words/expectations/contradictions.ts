import { type PlannedExpectation, singleOnes } from '../expectation.ts'
import { mustAllHold } from '../group.ts'
import { expectationWord } from './expectations.ts'

/** Expectations of one step must hold together: a message for each that cannot hold beside one before it. */
export function contradictions(
  expectations: readonly PlannedExpectation[],
): { index: number; message: string }[] {
  const before = new Map<string, PlannedExpectation[]>()
  return expectations.flatMap((expectation, index) => {
    const each = singleOnes(expectation)
    const found = each.map((one) => {
      const rival = before.get(one.observer)?.find((other) => exclude(one, other))
      return rival === undefined ? null : { index, message: messageOf(one, rival) }
    })
    // Of a group only what all of it must do is known to be impossible; only expectations of one observer exclude each other.
    if (mustAllHold(expectation)) {
      for (const one of each) before.set(one.observer, [...(before.get(one.observer) ?? []), one])
    }
    const first = mustAllHold(expectation) ? found.find((fault) => fault !== null) : null
    return first ? [first] : []
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
