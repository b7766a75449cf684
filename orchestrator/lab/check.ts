import { findBase } from '#orchestrator/catalogue/find-base.ts'
import { planLoaded } from '#orchestrator/plan/plan-loaded.ts'
import { ScenarioError } from '#orchestrator/scenario/errors.ts'
import { misfit, networkMisfit } from '#orchestrator/scenario/fabric-fit.ts'
import { fabricFacts, type FabricName } from '#orchestrator/scenario/fabrics.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import type { LabFault } from '#orchestrator/web/lab/protocol.ts'

/** How a text is named that is in no file. */
const FILE = 'scenario.yaml'

/** A text as a scenario that can run, or what is wrong with it. */
export type Checked = { name: string; faults: [] } | { name: null; faults: LabFault[] }

/** Holds a text against all that a scenario must be before anything is started. */
export function checkScenario(text: string, fabric: FabricName): Checked {
  try {
    const loaded = readScenario(text, FILE, { findBase: findBase(process.cwd()) })
    const { sameSubnets } = fabricFacts(fabric)
    planLoaded(loaded, { seed: 1, sameSubnets })
    const { scenario } = loaded
    const fault = misfit(scenario, fabric)
    if (fault !== null) throw loaded.errorAt([fault])
    const why = networkMisfit(scenario, fabric)
    if (why !== null) return { name: null, faults: [{ line: 1, column: 1, message: why }] }
    return { name: scenario.name, faults: [] }
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    const faults = error.faults.map(({ file, line, column, path, message }) => {
      const said = path.length === 0 ? message : `${path.join('.')}: ${message}`
      if (file === FILE) return { line, column, message: said }
      // What it extends is not shown: the fault stands where it is named.
      return { ...lineOf(text, /^extends:/m), message: `${file}:${line}: ${said}` }
    })
    return { name: null, faults }
  }
}

function lineOf(text: string, pattern: RegExp): { line: number; column: number } {
  const before = text.slice(0, Math.max(0, text.search(pattern)))
  return { line: before.split('\n').length, column: 1 }
}
