import type { Cell } from '#node/view/cell.ts'
import { patientOf, type Patient } from '#orchestrator/cure/apply.ts'
import { withLabRemedies } from '#orchestrator/cure/lab-remedy.ts'
import { isPair } from '#orchestrator/cure/pairs.ts'
import { MAX_ROUNDS, nextRound } from '#orchestrator/cure/round.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { settledCells } from '#orchestrator/run/settle.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'
import { type TrueCell, trueCells } from '#orchestrator/truth/expected-cell.ts'

/** One pair: what must be so, and what was seen. */
export interface Verdict {
  readonly truth: TrueCell
  /** Null where the observer said nothing of the target. */
  readonly cell: Cell | null
}

/** A plan, and the same with its remedies applied, as often as they asked for something. */
export interface Trial {
  /** The plan itself first. */
  readonly runs: readonly (readonly Verdict[])[]
}

/** What became of one pair that was red at first. */
export type Fate = 'cured' | 'incurable' | 'failed'

/** Runs a scenario's only variant on the simulated network, then with its remedies, and holds every cell to the truth. */
export async function runTrial(
  scenario: Scenario,
  { seed, signal }: { seed: number; signal: AbortSignal },
): Promise<Trial> {
  const [plan] = planScenario(scenario, { seed, sameSubnets: true })
  const variant = plan?.variants[0]
  if (plan === undefined || variant === undefined) throw new RangeError('there is nothing to run')
  let patient = patientOf(plan, variant)
  const runs = [await runOnce(plan, patient, signal)]
  while (runs.length <= MAX_ROUNDS) {
    const cells = runs.at(-1)?.flatMap(({ cell }) => cell ?? []) ?? []
    const round = nextRound(patient, cells)
    if (round === null) break
    patient = round.patient
    runs.push(await runOnce(plan, patient, signal))
  }
  return { runs }
}

async function runOnce(plan: Plan, patient: Patient, signal: AbortSignal): Promise<Verdict[]> {
  const { networks, nodes } = patient
  const variant = { name: 'trial', title: '', nodes: [...nodes], steps: [] }
  const treated = { ...plan, networks, routers: [...patient.routers], variants: [variant] }
  const truths = trueCells(treated, variant)
  const fabric = createSimFabric()
  const cells = await fabric.withClock(plan.seed, (clock) =>
    settledCells(fabric, treated, variant, { signal, clock }),
  )
  return verdicts(truths, withLabRemedies(patient, cells))
}

function verdicts(truths: readonly TrueCell[], cells: readonly Cell[]): Verdict[] {
  return truths.map((truth) => ({ truth, cell: cells.find((cell) => isPair(cell, truth)) ?? null }))
}

/** Whether rung and cause are what they must be. */
export function isRight({ truth, cell }: Verdict): boolean {
  return [truth, truth.orElse].some(
    (so) => so !== undefined && cell?.rung === so.rung && cell.cause === so.cause,
  )
}

/** What became of each pair that was red in the first run, and which pairs the remedies made worse. */
export function fatesOf({ runs }: Trial): { fates: Fate[]; worse: number } {
  const [first = []] = runs
  const last = runs.at(-1) ?? []
  const fates: Fate[] = []
  let worse = 0
  for (const { truth } of last) {
    const before = cellAt(first, truth)
    const after = cellAt(last, truth)
    const isGood = after !== null && after.cause === null
    if (before?.cause === null) worse += isGood ? 0 : 1
    else if (isGood) fates.push('cured')
    else fates.push(after?.remedy?.none === undefined ? 'failed' : 'incurable')
  }
  return { fates, worse }
}

function cellAt(verdicts: readonly Verdict[], pair: TrueCell): Cell | null {
  return verdicts.find(({ truth }) => isPair(truth, pair))?.cell ?? null
}
