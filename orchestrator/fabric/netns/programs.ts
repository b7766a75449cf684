import { execFile } from 'node:child_process'
import { access, glob, mkdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { SOURCES } from '#node/base/sources.ts'
import { FabricError } from '../errors.ts'
import { hashFiles } from '../hash-files.ts'

const run = promisify(execFile)

/** What the bundles are made from. */
const INPUTS = ['package-lock.json', 'scripts/pack/**/*.ts', 'node/**/*.ts', 'orchestrator/**/*.ts']

/** Files of the programs that run in a lab. */
export interface LabPrograms {
  /** kadlab's own node. */
  node: string
  /** The probe's agent. */
  agent: string
}

/**
 * The bundled programs: a package carries them; in a clone they are made once for the sources as they are, which takes a
 * second, and kept in `node_modules/.cache`.
 */
export async function labPrograms({ signal }: AbortOptions = {}): Promise<LabPrograms> {
  const packed = join(SOURCES, '..')
  if (basename(SOURCES) === 'sources') {
    return {
      node: join(packed, 'node', 'main.mjs'),
      agent: join(packed, 'orchestrator', 'probe', 'agent-main.mjs'),
    }
  }
  const files: string[] = []
  for await (const path of glob(INPUTS, { cwd: SOURCES })) files.push(path)
  const cache = join(SOURCES, 'node_modules', '.cache', 'programs')
  const folder = join(cache, await hashFiles(SOURCES, files.toSorted()))
  const programs = { node: join(folder, 'kadlab.mjs'), agent: join(folder, 'agent.mjs') }
  const isThere = await access(folder).then(
    () => true,
    () => false,
  )
  if (isThere) return programs
  signal?.throwIfAborted()
  await makeBundles(cache, folder)
  return programs
}

/** Of two that make the same at once, either's will do. Older ones go. */
async function makeBundles(cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  const made = `${folder}.${process.pid}`
  const script = join(SOURCES, 'scripts', 'pack', 'bundle.ts')
  try {
    await run(process.execPath, [script, '--chunks', made], { cwd: SOURCES })
    for await (const path of glob('*', { cwd: cache })) {
      const isMade = path.startsWith(basename(folder)) || path.includes('.')
      if (!isMade) await rm(join(cache, path), { recursive: true, force: true })
    }
    await rename(made, folder)
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    if ((error as NodeJS.ErrnoException).code === 'ENOTEMPTY') return
    throw new FabricError(
      `The programs of a lab could not be bundled: ${String(error)} Run \`npm ci\`, or take --fabric sim.`,
      { cause: error },
    )
  }
}
