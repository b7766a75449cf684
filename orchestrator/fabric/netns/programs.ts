import { execFile } from 'node:child_process'
import { access, glob, mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { createLinesClient } from '#node/api/lines/client.ts'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { BUILT_IN, SOURCES } from '#node/base/sources.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { commandOf, isOurs } from '#orchestrator/scenario/programs.ts'
import { FabricError } from '../errors.ts'
import { FOREIGN_SOURCES } from '../foreign-sources.ts'
import { hashFiles } from '../hash-files.ts'
import { buildLocally } from '../local-build.ts'
import { PROGRAM_INPUTS } from '../program-inputs.ts'
import type { AttachedPeer } from '../running-node.ts'

const run = promisify(execFile)

/** What a process of a lab runs. */
export interface LabProgram {
  words: readonly string[]
  environment: (node: NodePlan) => Record<string, string>
  /** The peer at the other end of its streams. */
  connect: (output: Readable, input: Writable) => AttachedPeer
}

/** The programs of a lab. */
export interface LabPrograms {
  /** Those of its nodes, by the names that the plan gives. */
  nodes: ReadonlyMap<string, LabProgram>
  /** The probe's agent. */
  agent: readonly string[]
  /** kadlab's own program, for its other commands. */
  kadlab: readonly string[]
}

export interface ProgramOptions extends AbortOptions {
  /** Told of each step that takes time. */
  onProgress: (text: string) => void
}

/**
 * What a plan's nodes run: kadlab's bundled node, and peers of other implementations, which the toolchains of this machine
 * build.
 *
 * @throws LocalBuildError where one is missing, or fails
 */
export async function labPrograms(plan: Plan, options: ProgramOptions): Promise<LabPrograms> {
  const { kadlab, agent } = await bundledPrograms(options)
  const names = new Set(plan.variants.flatMap(({ nodes }) => nodes.map(({ program }) => program)))
  const nodes = new Map<string, LabProgram>()
  for (const name of names) {
    nodes.set(name, isOurs(name) ? ownProgram(kadlab, name) : await foreignProgram(name, options))
  }
  return { nodes, agent: [process.execPath, agent], kadlab: [process.execPath, kadlab] }
}

function ownProgram(file: string, name: string): LabProgram {
  return {
    words: [process.execPath, '--max-semi-space-size=1', file, ...commandOf(name)],
    // Serving HTTP takes memory and time that a node which nobody looks into has no use for.
    environment: (node) => ({ STDIO_API: 'yes', API_LISTEN: '', METRICS: 'no', ...node.env }),
    connect: createLinesClient,
  }
}

async function foreignProgram(name: string, options: ProgramOptions): Promise<LabProgram> {
  const sources = FOREIGN_SOURCES.find((each) => each.name === name)
  if (sources === undefined) throw new FabricError(`No program is called \`${name}\` here.`)
  // What foreign peers say is judged here, for which much of the node's code is loaded: where there are any.
  const { createForeignPeer } = await import('#orchestrator/foreign/foreign-peer.ts')
  const path = await buildLocally({ ...options, root: BUILT_IN, env: process.env, sources })
  return { words: [path], environment: (node) => node.env, connect: createForeignPeer }
}

/**
 * The bundled programs: a package carries them; in a clone they are made once for the sources as they are, which takes a
 * second, and kept in `node_modules/.cache`.
 */
async function bundledPrograms({
  signal,
}: AbortOptions): Promise<{ kadlab: string; agent: string }> {
  const packed = join(SOURCES, '..')
  if (basename(SOURCES) === 'sources') {
    return {
      kadlab: join(packed, 'node', 'main.mjs'),
      agent: join(packed, 'orchestrator', 'probe', 'agent-main.mjs'),
    }
  }
  const files = await Array.fromAsync(glob([...PROGRAM_INPUTS], { cwd: SOURCES }))
  const cache = join(SOURCES, 'node_modules', '.cache', 'programs')
  const folder = join(cache, await hashFiles(SOURCES, files.toSorted()))
  const programs = { kadlab: join(folder, 'kadlab.mjs'), agent: join(folder, 'agent.mjs') }
  const isThere = await access(folder).then(
    () => true,
    () => false,
  )
  if (isThere) return programs
  signal?.throwIfAborted()
  await makeBundles(cache, folder)
  return programs
}

/** Bundles of sources that are no more stay for a day. */
const KEPT_MS = 86_400_000

/** Of two that make the same at once, either's will do. Older ones go. */
async function makeBundles(cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  const made = `${folder}.${process.pid}`
  const script = join(SOURCES, 'scripts', 'pack', 'bundle.ts')
  try {
    await run(process.execPath, [script, '--chunks', made], { cwd: SOURCES })
    for await (const path of glob('*', { cwd: cache })) {
      // A lab of other sources may run from its own just now.
      const { mtimeMs } = await stat(join(cache, path))
      if (Date.now() - mtimeMs < KEPT_MS) continue
      await rm(join(cache, path), { recursive: true, force: true })
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
