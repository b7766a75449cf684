import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { describeError } from '#node/base/errors.ts'
import { ScenarioError } from '../scenario/errors.ts'
import { type LoadedScenario, readScenario } from '../scenario/load.ts'
import { findBase } from './find-base.ts'
import { fileLabel } from './folder.ts'

/**
 * @param label - how messages name the file; default: its path
 * @param directory - from which messages name the files that it extends; default: the current one
 * @throws ScenarioError with every fault, each at its line and column
 */
export async function loadScenario(
  path: string,
  options: { label?: string; directory?: string } & AbortOptions = {},
): Promise<LoadedScenario> {
  const { directory = process.cwd(), label = fileLabel(path, directory), signal } = options
  let text: string
  try {
    text = await readFile(path, { encoding: 'utf8', ...(signal && { signal }) })
  } catch (error) {
    signal?.throwIfAborted()
    throw new ScenarioError(`cannot read the scenario ${label}: ${describeError(error)}`, [], {
      cause: error,
    })
  }
  return readScenario(text, label, { findBase: findBase(directory), place: resolve(path) })
}
