import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { describeError } from '#node/base/errors.ts'
import { FabricError } from './errors.ts'
import type { ForeignSources } from './foreign-sources.ts'

/** The local toolchain is not there, failed, or made a program that does not run where it should. */
export class LocalBuildError extends FabricError {
  static override readonly name = 'LocalBuildError'
}

export interface LocalBuild extends AbortOptions {
  /** Folder of kadlab's sources. */
  root: string
  sources: ForeignSources
  /** PATH, and whatever else the toolchain reads. */
  env: Readonly<Record<string, string | undefined>>
  /** Told that a build begins: a toolchain that finds nothing to do is done at once. */
  onProgress: (text: string) => void
}

/**
 * Builds a peer of another implementation with the toolchain of this machine; returns the path of the program.
 *
 * @throws LocalBuildError
 */
export async function buildLocally(build: LocalBuild): Promise<string> {
  const { sources, root, env, onProgress, signal } = build
  const { toolchain, name, folder } = sources
  const context = join(root, folder)
  const output = join(context, 'target')
  await mkdir(output, { recursive: true })
  onProgress(`${name}: building with the local ${toolchain.command}, once for these sources`)
  await run(toolchain.command, toolchain.arguments(output), {
    cwd: context,
    env: { ...env, ...toolchain.environment },
    ...(signal === undefined ? {} : { signal }),
  })
  return join(output, toolchain.program)
}

async function run(
  command: string,
  args: string[],
  options: { cwd: string; env: Readonly<Record<string, string | undefined>> } & AbortOptions,
): Promise<void> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  const lastLines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastLines.push(line)
    lastLines.splice(0, lastLines.length - 10)
  })
  const ended = Promise.withResolvers<number | null>()
  child.once('error', (error) => ended.reject(error))
  child.once('close', (code) => ended.resolve(code))
  let code: number | null
  try {
    code = await ended.promise
  } catch (error) {
    options.signal?.throwIfAborted()
    throw new LocalBuildError(`${command} cannot be started: ${describeError(error)}`, {
      cause: error,
    })
  }
  if (code !== 0) throw new LocalBuildError(`${command} failed:\n${lastLines.join('\n')}`)
}
