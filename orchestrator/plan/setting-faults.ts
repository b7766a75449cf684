import { ConfigError, parseConfig } from '#node/config/config.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { isOurs } from '../scenario/programs.ts'
import type { Scenario } from '../scenario/schema.ts'
import type { Fault } from '../words/fault.ts'

/** Settings that kadlab's nodes would refuse at their start, reported at the scenario's lines before anything is started. */
export function settingFaults(scenario: Scenario, plans: readonly Plan[]): Fault[] {
  const faults = new Map<string, Fault>()
  for (const variant of plans.flatMap((plan) => plan.variants)) {
    for (const node of variant.nodes.filter(({ program }) => isOurs(program))) {
      for (const { variable, message } of refusals(node)) {
        const changed = scenario.variants?.[variant.name]?.nodes?.[node.name]?.env?.[variable]
        const above = changed === undefined ? [] : ['variants', variant.name]
        const path = [...above, 'nodes', node.name, 'env', variable]
        faults.set(JSON.stringify([path, message]), { path, message })
      }
    }
  }
  return [...faults.values()]
}

function refusals(node: NodePlan): { variable: string; message: string }[] {
  try {
    parseConfig(node.env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.faults.map(({ variable, seen, allowed }) => ({
      variable,
      message: `expected ${allowed}, saw ${seen === null ? 'something else' : `'${seen}'`}`,
    }))
  }
}
