import { z } from 'zod'
import { byWord, wordIn } from '../by-word.ts'
import type { ExpectationWord, PlannedExpectation } from '../expectation.ts'
import type { Members } from '../group.ts'
import * as all from './all.ts'

/** Each kind of expectation by the word that names it. */
export const EXPECTATIONS = byWord(all)

type Words = typeof EXPECTATIONS

/** An expectation as a scenario file has it, and its members where it is of a group. */
export type ExpectationSpec = {
  [Word in keyof Words]: z.output<Words[Word]['schema']>
}[keyof Words] & { members?: Members<ExpectationSpec> }

/** An expectation of a plan: something that must come true within a time. */
export type Expectation = {
  [Word in keyof Words]: ReturnType<Words[Word]['plan']>
}[keyof Words] & { members?: Members<PlannedExpectation> }

/** Any expectation of a scenario file. */
export const expectationSchema = z.union(Object.values(EXPECTATIONS).map(({ schema }) => schema))

const BY_WORD: Readonly<Record<string, ExpectationWord>> = EXPECTATIONS

/** What is to be known of a planned expectation's word. */
export function expectationWord({ word }: PlannedExpectation): ExpectationWord {
  const found = BY_WORD[word]
  if (found === undefined) throw new RangeError(`there is no expectation '${word}'`)
  return found
}

/** Whether a word is an expectation that holds where something does not work; false for any other word. */
export function isNegative(word: string): boolean {
  return BY_WORD[word]?.isNegative ?? false
}

/** What is awaited, from what a scenario file says. */
export function planExpectation({ members, ...spec }: ExpectationSpec): Expectation {
  const planned = wordIn(BY_WORD, spec).plan(spec) as Expectation
  if (members === undefined) return planned
  const rows = members.rows.map((row) => row.map(planExpectation))
  return { ...planned, members: { ...members, rows } }
}

/** The key of an expectation that names its kind. */
export function wordOf(spec: ExpectationSpec): string {
  return wordIn(BY_WORD, spec).word
}
