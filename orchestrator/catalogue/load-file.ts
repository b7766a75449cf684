import { readFile } from 'node:fs/promises'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { describeError } from '#node/base/errors.ts'
import { ScenarioError } from '../scenario/errors.ts'
import { type LoadedScenario, readScenario } from '../scenario/load.ts'

/**
 * @param label - how messages name the file; default: its path
 * @throws ScenarioError with every fault, each at its line and column
 */
export async function loadScenario(
  path: string,
  options: { label?: string } & AbortOptions = {},
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
