import type { Fault } from '../words/fault.ts'
import { faultsInFile, writeOutCounts } from './counts.ts'
import { ScenarioError } from './errors.ts'
import { type FindBase, layersOf, NO_BASES } from './extends.ts'
import { referenceFaults } from './references.ts'
import { schemaFaults } from './schema-faults.ts'
import { type Scenario, scenarioSchema } from './schema.ts'
import { parseSource } from './source.ts'

/** A scenario whose words and names are right, and the way back from a fault to its line; planning finds the rest. */
export interface LoadedScenario {
  scenario: Scenario
  file: string
  /** The error that reports these faults at their lines. */
  errorAt(faults: readonly Fault[]): ScenarioError
}

/** Where a scenario looks for what it extends. */
export interface BaseOptions {
  /** Default: nothing can be extended. */
  findBase?: FindBase
  /** Where the text itself stands, as `findBase` knows places. Default: nowhere. */
  place?: string
}

/**
 * Reads a scenario from a text.
 *
 * @param file - how messages name it
 * @throws ScenarioError with every fault, each at its line and column, in this file or in one that it extends
 */
export function readScenario(
  text: string,
  file: string,
  { findBase = NO_BASES, place }: BaseOptions = {},
): LoadedScenario {
  const source = layersOf(parseSource(text, file), findBase, place ?? null)
  const parsed = scenarioSchema.safeParse(source.value)
  if (!parsed.success) {
    throw ScenarioError.of(source.locate(schemaFaults(parsed.error, source.value)))
  }
  const { scenario, faults: ofCounts, inFile } = writeOutCounts(parsed.data)
  function errorAt(faults: readonly Fault[]): ScenarioError {
    return ScenarioError.of(source.locate(faultsInFile(faults, inFile)))
  }
  const faults = ofCounts.length > 0 ? ofCounts : referenceFaults(scenario)
  if (faults.length > 0) throw errorAt(faults)
  return { scenario, file, errorAt }
}
