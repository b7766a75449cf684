import { planLoaded } from '#orchestrator/plan/plan-loaded.ts'
import { ScenarioError } from '#orchestrator/scenario/errors.ts'
import { misfit, networkMisfit, stepMisfit } from '#orchestrator/scenario/fabric-fit.ts'
import { fabricFacts, type FabricName } from '#orchestrator/scenario/fabrics.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import type { LabFault } from '#orchestrator/web/lab/protocol.ts'

/** A text as a scenario that can run, or what is wrong with it. */
export type Checked = { name: string; faults: [] } | { name: null; faults: LabFault[] }

/** Holds a text against all that a scenario must be before anything is started. */
export function checkScenario(text: string, fabric: FabricName): Checked {
  try {
    const loaded = readScenario(text, 'scenario.yaml')
    const { sameSubnets } = fabricFacts(fabric)
    planLoaded(loaded, { seed: 1, sameSubnets })
    const { scenario } = loaded
    const fault = stepMisfit(scenario, fabric)
    if (fault !== null) throw loaded.errorAt([fault])
    const why = misfit(scenario, fabric) ?? networkMisfit(scenario, fabric)
    if (why !== null) return { name: null, faults: [{ line: 1, column: 1, message: why }] }
    return { name: scenario.name, faults: [] }
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    const faults = error.faults.map(({ line, column, path, message }) => ({
      line,
      column,
      message: path.length === 0 ? message : `${path.join('.')}: ${message}`,
    }))
    return { name: null, faults }
  }
}
