import { readScenario } from '#orchestrator/scenario/load.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'

/** The scenario that a YAML text describes. */
export function scenarioOf(text: string): Scenario {
  return readScenario(text, 'test.yaml').scenario
}
