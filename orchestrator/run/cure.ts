import type { Cell } from '#node/view/cell.ts'
import { patientOf } from '#orchestrator/cure/apply.ts'
import { isRed } from '#orchestrator/cure/lab-remedy.ts'
import { compareCells, MAX_ROUNDS, nextRound, planOfRound } from '#orchestrator/cure/round.ts'
import type { Plan, VariantPlan } from '#orchestrator/plan/plan-type.ts'
import type { RunEventBody } from './events.ts'

/** A variant that came to its end, and how its pairs stand. */
export interface EndedVariant {
  plan: Plan
  variant: VariantPlan
  cells: readonly Cell[]
}

export interface CureComponents {
  /** Runs a plan of one variant in a lab of its own and returns its cells. */
  runPlan: (plan: Plan) => Promise<readonly Cell[]>
  emit: (event: RunEventBody) => void
  /** The name of a round, which no variant has: `cured-1`. */
  nameOf: (variant: string, round: number) => string
}

/**
 * Applies the remedies of a variant's red cells and runs it again, until nothing is left to cure, a round changes nothing,
 * or three rounds are over. Then says what cannot be cured, and why.
 */
export async function cureVariant(
  { plan, variant, cells: before }: EndedVariant,
  { runPlan, emit, nameOf }: CureComponents,
): Promise<void> {
  let patient = patientOf(plan, variant)
  let cells = before
  for (let number = 1; number <= MAX_ROUNDS && cells.some(isRed); number++) {
    const round = nextRound(patient, cells)
    if (round === null) break
    const name = nameOf(variant.name, number)
    const { actions } = round
    emit({ type: 'cure-round', variant: variant.name, name, actions: [...actions] })
    const after = await runPlan(planOfRound(plan, variant, round, name))
    const { cured, worse, left, isChanged } = compareCells(cells, after)
    emit({
      type: 'cured',
      variant: variant.name,
      name,
      cured: [...cured],
      worse: [...worse],
      left: [...left],
    })
    patient = round.patient
    cells = after
    if (!isChanged) break
  }
  const red = cells.filter(isRed)
  emit({
    type: 'cure-end',
    variant: variant.name,
    red: before.filter(isRed).length,
    left: red.map(({ observer, target, cause, remedy }) => ({
      observer,
      target,
      cause: cause ?? '',
      why: remedy?.none ?? null,
    })),
  })
}
