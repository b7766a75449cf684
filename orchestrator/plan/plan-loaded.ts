import type { LoadedScenario } from '../scenario/load.ts'
import type { Plan } from './plan-type.ts'
import { PlanError, type PlanOptions, planScenario } from './plan.ts'
import { settingFaults } from './setting-faults.ts'

/**
 * Plans a scenario that was read from a file.
 *
 * @throws ScenarioError with every fault at its line: what cannot be planned, or what a node would refuse at its start
 */
export function planLoaded(loaded: LoadedScenario, options: PlanOptions): Plan[] {
  let plans: Plan[]
  try {
    plans = planScenario(loaded.scenario, options)
  } catch (error) {
    if (error instanceof PlanError) throw loaded.errorAt(error.faults)
    throw error
  }
  const faults = settingFaults(loaded.scenario, plans)
  if (faults.length > 0) throw loaded.errorAt(faults)
  return plans
}
