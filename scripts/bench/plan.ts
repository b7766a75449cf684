import { loadScenario } from '#orchestrator/catalogue/load-file.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'

/** `nat-two-nodes`, its cured variant alone. */
export async function planOfTwo(taken: readonly string[]): Promise<Plan> {
  const file = new URL('../../orchestrator/scenarios/nat-two-nodes.yaml', import.meta.url).pathname
  const { scenario } = await loadScenario(file)
  const [plan] = planScenario(scenario, { seed: 1, taken, variants: ['fixed'] })
  if (plan === undefined) throw new Error('expected one plan')
  return plan
}
