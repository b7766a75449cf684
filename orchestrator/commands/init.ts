import { writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { describeError } from '#node/base/errors.ts'
import { SOURCES } from '#node/base/sources.ts'
import { asTyped } from '#node/base/typed.ts'
import { UsageError } from './errors.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { CommandIo } from './io.ts'
import { starterScenario } from './starter.ts'

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/

/**
 * Writes a scenario with comments, to begin with.
 *
 * @param file - its path; its name without `.yaml` becomes the scenario's name
 * @throws UsageError where the file is there already, has another ending, or cannot be written
 */
export async function initCommand(file: string, io: CommandIo): Promise<ExitStatus> {
  const path = resolve(io.directory, file)
  const name = basename(path).replace(/\.ya?ml$/, '')
  if (!/\.ya?ml$/.test(path) || !NAME.test(name)) {
    throw new UsageError(
      `expected a file such as my-network.yaml (lower-case letters, digits and dashes), saw ${file}`,
    )
  }
  const schema = relative(
    dirname(path),
    join(SOURCES, 'orchestrator/scenario/scenario.schema.json'),
  ).replaceAll('\\', '/')
  try {
    await writeFile(path, starterScenario(name, schema), { flag: 'wx' })
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    throw new UsageError(
      isThere
        ? `${file} is there already, and stays as it is; name another file`
        : `cannot write ${file}: ${describeError(cause)}`,
      { cause },
    )
  }
  const words = { operands: file, options: '--fabric sim' }
  io.stdout(`wrote ${file}; run it with\n  ${asTyped(io.env, 'scenario', words)}\n`)
  return EXIT.held
}
