import { Agent } from 'node:https'
import { homedir } from 'node:os'
import Docker from 'dockerode'
import type { DockerOptions } from 'dockerode'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { describeError } from '#node/base/errors.ts'
import { systemClock } from '#node/time/clock.ts'
import { within } from '#node/time/deadline.ts'
import type { DockerEndpoint } from './endpoint.ts'
import { findEndpoint } from './endpoint.ts'
import { EngineUnavailableError } from './errors.ts'

/** An engine that answers. */
export interface Engine {
  readonly docker: Docker
  readonly endpoint: DockerEndpoint
  /** `26.1.5`. */
  readonly version: string
  /** Newest version of the API that it speaks. */
  readonly api: ApiVersion
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

/** Settings of the client library for an endpoint. */
export function clientOptions(endpoint: DockerEndpoint): DockerOptions {
  const [scheme = '', rest = ''] = endpoint.host.split('://', 2)
  if (scheme === 'unix' || scheme === 'npipe') return { socketPath: rest }
  const { hostname, port, username } = new URL(`http://${rest}`)
  if (scheme === 'ssh') {
    const sshAgent = process.env['SSH_AUTH_SOCK']
    return {
      protocol: 'ssh',
      host: hostname,
      port: Number(port || 22),
      ...(username === '' ? {} : { username }),
      // The client library takes the agent's socket from SSH_AUTH_SOCK by itself only for DOCKER_HOST.
      sshOptions: sshAgent === undefined ? {} : { agent: sshAgent },
    }
  }
  const { tls } = endpoint
  if (tls === null) {
    const secure = scheme === 'https'
    return {
      protocol: secure ? 'https' : 'http',
      host: hostname,
      port: Number(port || (secure ? 2376 : 2375)),
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
    port: Number(port || 2376),
    ...material,
    ...(tls.verify
      ? {}
      : { agent: new Agent({ ...material, rejectUnauthorized: false, keepAlive: true }) }),
  }
}

/** How long an engine may take to say its version before it counts as none. */
const ANSWER_MS = 10_000

/**
 * Connects to the engine that the environment or the current Docker context names.
 *
 * @throws EngineUnavailableError with one line that says which engine was tried and why it does not serve
 */
export async function connectEngine({
  env,
  signal,
}: {
  env: Readonly<Record<string, string | undefined>>
} & AbortOptions): Promise<Engine> {
  const endpoint = await findEndpoint({ env, homeFolder: homedir(), platform: process.platform })
  const place = `${endpoint.host} (${endpoint.source})`
  const docker = new Docker(clientOptions(endpoint))
  const unavailable = (why: string, cause: unknown): EngineUnavailableError =>
    new EngineUnavailableError(`No Docker engine answers at ${place}: ${why}.`, { cause })
  try {
    const version = await within(
      systemClock,
      ANSWER_MS,
      signal,
      async (inTime) => askVersion(docker, inTime),
      (error) => {
        throw unavailable(`no answer within ${ANSWER_MS / 1000} s`, error)
      },
    )
    if (version.Os !== 'linux') {
      throw new EngineUnavailableError(
        `The engine at ${place} runs ${version.Os} containers; labs need Linux containers.`,
      )
    }
    return { docker, endpoint, version: version.Version, api: parseApiVersion(version.ApiVersion) }
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof EngineUnavailableError) throw error
    throw unavailable(explain(error), error)
  }
}

function explain(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such socket'
  if (code === 'ECONNREFUSED') return 'the connection is refused'
  if (code === 'EACCES') return 'this user may not open the socket (group `docker`)'
  return describeError(error).trim()
}

/** The library's types do not know that this call can be given up. */
function askVersion(docker: Docker, abortSignal: AbortSignal): Promise<Docker.DockerVersion> {
  const ask = docker.version.bind(docker) as unknown as (options: {
    abortSignal: AbortSignal
  }) => Promise<Docker.DockerVersion>
  return ask({ abortSignal })
}
