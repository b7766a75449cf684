import { readFile } from 'node:fs/promises'
import { describeError } from '#node/errors.ts'
import { PlanError, planScenario } from '#orchestrator/plan/plan.ts'
import { ScenarioError } from './errors.ts'
import type { Fault } from './fault.ts'
import { referenceFaults } from './references.ts'
import { schemaFaults } from './schema-faults.ts'
import { type Scenario, scenarioSchema } from './schema.ts'
import { settingFaults } from '../plan/setting-faults.ts'
import { parseSource } from './source.ts'

/** A scenario that is right in itself, and the way back from a fault to its line. */
export interface LoadedScenario {
  scenario: Scenario
  file: string
  /** The error that tells these faults at their lines. */
  errorAt(faults: readonly Fault[]): ScenarioError
}

/**
 * @param label - how messages name the file; default: its path
 * @throws ScenarioError with every fault, each at its line and column
 */
export async function loadScenario(
  path: string,
  options: { label?: string; signal?: AbortSignal } = {},
): Promise<LoadedScenario> {
  const { label = path, signal } = options
  let text: string
  try {
    text = await readFile(path, { encoding: 'utf8', ...(signal && { signal }) })
  } catch (error) {
    signal?.throwIfAborted()
    throw new ScenarioError(`cannot read the scenario ${label}: ${describeError(error)}`, [], {
      cause: error,
    })
  }
  return readScenario(text, label)
}

/** The same from a text. */
export function readScenario(text: string, file: string): LoadedScenario {
  const source = parseSource(text, file)
  function errorAt(faults: readonly Fault[]): ScenarioError {
    return ScenarioError.of(source.locate(faults))
  }
  const parsed = scenarioSchema.safeParse(source.value)
  if (!parsed.success) throw errorAt(schemaFaults(parsed.error, source.value))
  const scenario = parsed.data
  const faults = referenceFaults(scenario)
  if (faults.length > 0) throw errorAt(faults)
  try {
    // What no fabric can have; the fabric's own limits and its taken subnets come into the plan later.
    const plans = planScenario(scenario, { seed: 0, sameSubnets: true })
    faults.push(...settingFaults(scenario, plans))
  } catch (error) {
    if (error instanceof PlanError) throw errorAt(error.faults)
    throw error
  }
  if (faults.length > 0) throw errorAt(faults)
  return { scenario, file, errorAt }
}
