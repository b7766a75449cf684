import { readFile } from 'node:fs/promises'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { describeError } from '#node/base/errors.ts'
import { connectEngine, type Engine } from '../docker/engine.ts'
import { SwarmUnfitError } from './errors.ts'
import { createTurns } from './in-turn.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The engines that a text names, one a line: an address (`ssh://vm-1`, `tcp://10.0.0.4:2376`, `unix:///path`) or the name
 * of a Docker context. Empty lines, and what follows a `#`, are left out.
 *
 * @throws SwarmUnfitError where it names none, or one twice
 */
export function parseEngines(text: string): string[] {
  const names = text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new SwarmUnfitError(`The file of engines names \`${twice}\` twice.`)
  if (names.length === 0) {
    throw new SwarmUnfitError(
      'The file of engines names none: one address, or Docker context, a line, a manager of the Swarm first.',
    )
  }
  return names
}

/**
 * Reads the file that `--engines` names.
 *
 * @throws SwarmUnfitError where none is named, or it cannot be read
 */
export async function readEngines(path: string | null): Promise<string[]> {
  if (path === null || path === '') {
    throw new SwarmUnfitError(
      'The fabric swarm needs --engines <file>: one address, or Docker context, a line, a manager of the Swarm first.',
    )
  }
  try {
    return parseEngines(await readFile(path, 'utf8'))
  } catch (error) {
    if (error instanceof SwarmUnfitError) throw error
    throw new SwarmUnfitError(
      `The file of engines ${path} cannot be read: ${describeError(error)}`,
      { cause: error },
    )
  }
}

/** The environment by which an engine of that name is found as the `docker` command finds one. */
export function environmentOf(name: string, env: Env): Env {
  return name.includes('://')
    ? { ...env, DOCKER_HOST: name, DOCKER_CONTEXT: '' }
    : { ...env, DOCKER_HOST: '', DOCKER_CONTEXT: name }
}

/** What `docker` is told on its command line so that it speaks to an engine of that name. */
export function commandOptionsOf(name: string): string {
  return name.includes('://') ? `-H ${name} ` : `--context ${name} `
}

/** An engine of a Swarm, and what it can carry. */
export interface SwarmEngine {
  /** As the file names it. */
  readonly name: string
  readonly engine: Engine
  /** Processors. */
  readonly processors: number
  /** Bytes. */
  readonly memory: number
}

interface EngineInfo {
  NCPU?: number
  MemTotal?: number
  Swarm?: { NodeID?: string; LocalNodeState?: string; ControlAvailable?: boolean }
}

interface SwarmMember {
  ID: string
  Status?: { State?: string }
  Spec?: { Availability?: string }
}

/**
 * Connects to the engines of a Swarm.
 *
 * @param names - a manager's first
 * @throws EngineUnavailableError, SwarmUnfitError
 */
export async function connectSwarm(
  names: readonly string[],
  env: Env,
  { signal }: AbortOptions = {},
): Promise<SwarmEngine[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const connected = await connectEngine({ env: environmentOf(name, env), signal })
      // An engine that joins a network for two containers at once finds it for one of them alone.
      const engine = { ...connected, inTurn: createTurns() }
      const info = (await engine.docker.info()) as EngineInfo
      return { name, engine, info }
    }),
  )
  signal?.throwIfAborted()
  for (const { name, info } of found) {
    const state = info.Swarm?.LocalNodeState ?? 'inactive'
    if (state === 'active') continue
    throw new SwarmUnfitError(
      `The engine ${name} is in no Swarm (${state}): \`docker swarm init\` at the first, \`docker swarm join\` at the others.`,
    )
  }
  const [first] = found
  if (first?.info.Swarm?.ControlAvailable !== true) {
    throw new SwarmUnfitError(
      `The first engine of the file, ${first?.name}, is no manager of its Swarm: name a manager first.`,
    )
  }
  const members = (await first.engine.docker.listNodes()) as unknown as SwarmMember[]
  for (const { name, info } of found) {
    const member = members.find(({ ID }) => ID === info.Swarm?.NodeID)
    if (member === undefined) {
      throw new SwarmUnfitError(`The engine ${name} is in another Swarm than ${first.name}.`)
    }
    const state = member.Status?.State ?? 'unknown'
    if (state === 'ready') continue
    throw new SwarmUnfitError(`The engine ${name} is \`${state}\` for the manager ${first.name}.`)
  }
  return found.map(({ name, engine, info }) => ({
    name,
    engine,
    processors: info.NCPU ?? 1,
    memory: info.MemTotal ?? 0,
  }))
}
