import { Agent } from 'node:https'
import { homedir } from 'node:os'
import Docker from 'dockerode'
import type { DockerOptions } from 'dockerode'
import { BoundedCalls, CALL_LIMITS, type CallLimits } from './bounded-calls.ts'
import { type DockerEndpoint, findEndpoint, parseEndpoint } from './endpoint.ts'
import { EngineUnavailableError } from './errors.ts'
import { reason, unreachable } from './refusals.ts'
import { createSshAgent } from './ssh-agent.ts'

/** An engine that answers. */
export interface Engine {
  readonly docker: Docker
  readonly endpoint: DockerEndpoint
  /** `Docker Engine`, or what else speaks its API: `Podman`. */
  readonly kind: string
  /** `26.1.5`. */
  readonly version: string
  /** Newest version of the API that it speaks. */
  readonly api: ApiVersion
  /** What it was found by. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Every call goes through it. */
  readonly calls: BoundedCalls
  /** Does one thing after the other, where the engine cannot make containers of one network at a time. Default: at once. */
  readonly inTurn?: <T>(task: () => Promise<T>) => Promise<T>
}

/** Version of the engine's API. Compare with `speaks`. */
export interface ApiVersion {
  major: number
  minor: number
}

/** Reads `1.45`. */
export function parseApiVersion(text: string): ApiVersion {
  const [major = 0, minor = 0] = text.split('.').map(Number)
  return { major, minor }
}

/** Whether an engine of `api` knows what came with API 1.`minor`. */
export function speaks(api: ApiVersion, minor: number): boolean {
  return api.major > 1 || (api.major === 1 && api.minor >= minor)
}

/**
 * Settings of the client library for an endpoint.
 *
 * @throws EngineUnavailableError where the endpoint is none that a client can use
 */
export function clientOptions(
  endpoint: DockerEndpoint,
  env: Readonly<Record<string, string | undefined>>,
): DockerOptions {
  const { scheme, socketPath, hostname, port, username } = parseEndpoint(endpoint)
  if (scheme === 'unix' || scheme === 'npipe') return { socketPath }
  if (scheme === 'ssh') {
    const agent = createSshAgent({ hostname, port, username }, env)
    // The name is for the Host header alone.
    const options = { protocol: 'http' as const, host: 'engine', port: 80, agent }
    return options
  }
  const { tls } = endpoint
  if (tls === null) {
    const secure = scheme === 'https'
    return {
      protocol: secure ? 'https' : 'http',
      host: hostname,
      port: port ?? (secure ? 2376 : 2375),
    }
  }
  const material = {
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(tls.cert === null ? {} : { cert: tls.cert }),
    ...(tls.key === null ? {} : { key: tls.key }),
  }
  return {
    protocol: 'https',
    host: hostname,
    port: port ?? 2376,
    ...material,
    ...(tls.verify
      ? {}
      : { agent: new Agent({ ...material, rejectUnauthorized: false, keepAlive: true }) }),
  }
}

/** How long an engine may take to say its version before it counts as none. */
const ANSWER_MS = 10_000

export interface ConnectOptions {
  env: Readonly<Record<string, string | undefined>>
  limits?: CallLimits
  signal?: AbortSignal | undefined
}

/**
 * Connects to the engine that the environment or the current Docker context names.
 *
 * @throws EngineUnavailableError with one line that says which engine was tried and why it does not serve
 */
export async function connectEngine({
  env,
  limits = CALL_LIMITS,
  signal,
}: ConnectOptions): Promise<Engine> {
  const endpoint = await findEndpoint({ env, homeFolder: homedir(), platform: process.platform })
  const place = `${endpoint.host} (${endpoint.source})`
  const docker = new Docker(clientOptions(endpoint, env))
  const calls = new BoundedCalls(docker, place, limits)
  const version = await askVersion(docker, { place, limits, signal })
  if (version.Os !== 'linux') {
    throw new EngineUnavailableError(
      `The engine at ${place} runs ${version.Os} containers; labs need Linux containers.`,
    )
  }
  const api = parseApiVersion(version.ApiVersion)
  return { docker, endpoint, kind: kindOf(version), version: version.Version, api, env, calls }
}

function kindOf(version: Partial<Docker.DockerVersion>): string {
  const podman = version.Components?.some(({ Name }) => /podman/i.test(Name)) === true
  return podman ? 'Podman' : 'Docker Engine'
}

async function askVersion(
  docker: Docker,
  { place, limits, signal }: { place: string; limits: CallLimits; signal: AbortSignal | undefined },
): Promise<Docker.DockerVersion> {
  const limitMs = Math.min(ANSWER_MS, limits.answerMs)
  const patience = AbortSignal.timeout(limitMs)
  try {
    // The library's types do not know that this call can be given up.
    const ask = docker.version.bind(docker) as unknown as (options: {
      abortSignal: AbortSignal
    }) => Promise<Docker.DockerVersion>
    return await ask({
      abortSignal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
    })
  } catch (error) {
    signal?.throwIfAborted()
    const below = error instanceof EngineUnavailableError ? (error.cause ?? error) : error
    const why = patience.aborted
      ? `no answer within ${limitMs / 1000} s`
      : (unreachable(below) ?? reason(below).split('\n', 1)[0])
    throw new EngineUnavailableError(`No Docker engine answers at ${place}: ${why}.`, {
      cause: error,
    })
  }
}
