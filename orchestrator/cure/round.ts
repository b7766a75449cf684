import type { RemedyAction } from '#node/judgement/causes.ts'
import type { Cell } from '#node/view/cell.ts'
import type { Plan, VariantPlan } from '../plan/plan-type.ts'
import type { Expectation } from '../words/expectations/expectations.ts'
import { applied, merged, type Patient } from './apply.ts'
import { isRed } from './lab-remedy.ts'
import { isPair, type Pair, pairOf } from './pairs.ts'
import { prescribe } from './prescribe.ts'

/** What is to be done next. */
export interface Round {
  readonly actions: readonly RemedyAction[]
  readonly patient: Patient
  /** Pairs that are dialable then. */
  readonly awaited: readonly Pair[]
}

/** After so many rounds what is left is left. */
export const MAX_ROUNDS = 3
/** Joining, lookups and dials that time out end within this. */
const AWAIT_MS = 30_000

/** What the remedies of all red cells ask for together; null where they ask for nothing. */
export function nextRound(patient: Patient, cells: readonly Cell[]): Round | null {
  const prescriptions = prescribe(patient, cells.filter(isRed))
  const actions = merged(prescriptions.flatMap(({ actions }) => actions))
  if (actions.length === 0) return null
  const incurable = prescriptions.filter(({ none }) => none !== null)
  const awaited = cells.filter((cell) => !incurable.some((other) => isPair(other, cell)))
  return { actions, patient: applied(patient, actions), awaited: awaited.map(pairOf) }
}

/** Plan of a round: the variant's own steps without what it expects, and then every pair that should stand. */
export function planOfRound(plan: Plan, variant: VariantPlan, round: Round, name: string): Plan {
  const { patient, awaited } = round
  const steps = variant.steps.filter(({ word }) => word !== 'expect')
  const expectations = awaited.map(({ observer, target }) => ({
    word: 'dialable' as const,
    observer,
    target,
    withinMs: AWAIT_MS,
  }))
  return {
    ...plan,
    routers: [...patient.routers],
    variants: [
      {
        name,
        title: `${variant.name}, with its remedies applied`,
        nodes: [...patient.nodes],
        steps: withExpectations(steps, expectations),
      },
    ],
  }
}

/** Who puts or provides at once has not joined yet: what starts and stops nobody comes when everybody stands. */
function withExpectations(
  steps: VariantPlan['steps'],
  expectations: readonly Expectation[],
): VariantPlan['steps'] {
  if (expectations.length === 0) return [...steps]
  const expect = { word: 'expect' as const, expectations: [...expectations] }
  const isStill = steps.every(({ word }) => word === 'put' || word === 'provide')
  return isStill ? [expect, ...steps] : [...steps, expect]
}

/** What a round came to, beside the cells of before. */
export interface RoundOutcome {
  /** Red before, and dialable now. */
  readonly cured: readonly Pair[]
  /** Dialable before, and red now. */
  readonly worse: readonly Pair[]
  /** Still red. */
  readonly left: readonly Pair[]
  /** False where every cell stands as it stood. */
  readonly isChanged: boolean
}

export function compareCells(before: readonly Cell[], after: readonly Cell[]): RoundOutcome {
  const wasRed = (cell: Cell): boolean | null => {
    const found = before.find((other) => isPair(other, cell))
    return found === undefined ? null : isRed(found)
  }
  const isChanged = after.some((cell) => {
    const found = before.find((other) => isPair(other, cell))
    return found?.rung !== cell.rung || found.cause !== cell.cause
  })
  return {
    cured: after.filter((cell) => !isRed(cell) && wasRed(cell) === true).map(pairOf),
    worse: after.filter((cell) => isRed(cell) && wasRed(cell) === false).map(pairOf),
    left: after.filter(isRed).map(pairOf),
    isChanged,
  }
}
