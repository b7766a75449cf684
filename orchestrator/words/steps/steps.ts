import { z } from 'zod'
import { byWord, wordIn } from '../by-word.ts'
import type { PlannedStep, StepConditions, StepWord } from '../step.ts'
import * as all from './all.ts'

/** Each kind of step by the word that names it. */
export const STEPS = byWord(all)

type Words = typeof STEPS

/** A step as a scenario file has it. */
export type StepSpec = { [Word in keyof Words]: z.output<Words[Word]['schema']> }[keyof Words]

/** A step of a plan: something done to a lab, or awaited from it, in order. */
export type Step = { [Word in keyof Words]: ReturnType<Words[Word]['plan']>[number] }[keyof Words]

/** Any step of a scenario file. */
export const stepSchema = z.union(Object.values(STEPS).map(({ schema }) => schema))

const BY_WORD: Readonly<Record<string, StepWord>> = STEPS

/** What is to be known of a planned step's word. */
export function stepWord({ word }: PlannedStep): StepWord {
  const found = BY_WORD[word]
  if (found === undefined) throw new RangeError(`there is no step '${word}'`)
  return found
}

/** What is to be known of the word of a scenario file's step. */
export function stepWordOf(spec: StepSpec): StepWord {
  return wordIn(BY_WORD, spec)
}

/** Steps of a scenario as steps of a plan. */
export function planSteps(specs: readonly StepSpec[], conditions: StepConditions): Step[] {
  return specs.flatMap((spec) => stepWordOf(spec).plan(spec, conditions) as Step[])
}
