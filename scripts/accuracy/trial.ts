import { setTimeout as wait } from 'node:timers/promises'
import type { Cell } from '#node/view/cell.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'
import { type TrueCell, trueCells } from '#orchestrator/truth/expected-cell.ts'
import { settledCells } from './settle.ts'

/** One pair: what must be so, and what was seen. */
export interface Verdict {
  readonly truth: TrueCell
  /** Null where the observer said nothing of the target. */
  readonly cell: Cell | null
}

/** Longest wait for the cells to be what they must: lookups after joining end within 20 s, and dials take up to 4 s. */
const MAX_MS = 32_000
const POLL_MS = 3000
/** What is right must still be right at the next look. */
const LOOKS = 2

/** Runs a scenario's only variant on the simulated network and holds every cell against the truth. */
export async function runTrial(
  scenario: Scenario,
  { seed, signal }: { seed: number; signal: AbortSignal },
): Promise<Verdict[]> {
  const [plan] = planScenario(scenario, { seed, sameSubnets: true })
  const variant = plan?.variants[0]
  if (plan === undefined || variant === undefined) throw new RangeError('there is nothing to run')
  const truths = trueCells(plan, variant)
  let right = 0
  const cells = await settledCells(createSimFabric(), plan, variant, {
    signal,
    maxMs: MAX_MS,
    pollMs: POLL_MS,
    wait: (ms) => wait(ms, undefined, { signal }),
    isSettled(seen) {
      right = verdicts(truths, seen).every(isRight) ? right + 1 : 0
      return right === LOOKS
    },
  })
  return verdicts(truths, cells)
}

function verdicts(truths: readonly TrueCell[], cells: readonly Cell[]): Verdict[] {
  return truths.map((truth) => {
    const cell = cells.find(
      ({ observer, target }) => observer === truth.observer && target === truth.target,
    )
    return { truth, cell: cell ?? null }
  })
}

/** Whether rung and cause are what they must be. */
export function isRight({ truth, cell }: Verdict): boolean {
  return cell !== null && cell.rung === truth.rung && cell.cause === truth.cause
}
