import { loadScenario } from '#orchestrator/catalogue/load-file.ts'
import type { Lab, LabNode } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'

/** `nat-two-nodes`, its cured variant alone. */
export async function planOfTwo(taken: readonly string[]): Promise<Plan> {
  const file = new URL('../../orchestrator/scenarios/nat-two-nodes.yaml', import.meta.url).pathname
  const { scenario } = await loadScenario(file)
  const [plan] = planScenario(scenario, { seed: 1, taken, variants: ['fixed'] })
  if (plan === undefined) throw new Error('expected one plan')
  return plan
}

/** Starts nodes at once; all of them listen then. */
export function startNodes(
  lab: Lab,
  nodes: readonly NodePlan[],
  signal: AbortSignal,
): Promise<LabNode[]> {
  return Promise.all(nodes.map(async (node) => lab.startNode(node, { signal })))
}
