import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineUnavailableError } from './errors.ts'

/** Where an engine is to be found, and who said so. */
export interface DockerEndpoint {
  /** For people: `DOCKER_HOST`, ``context `x` `` or `default socket`. */
  source: string
  /** `unix://`, `npipe://`, `tcp://`, `http://`, `https://` or `ssh://`. */
  host: string
  /** Null: no TLS. */
  tls: TlsMaterial | null
}

export interface TlsMaterial {
  /** PEM. */
  ca: string | null
  cert: string | null
  key: string | null
  /** False where the context says to skip the server's verification. */
  verify: boolean
}

/** What the search looks at. */
export interface EndpointSurroundings {
  env: Readonly<Record<string, string | undefined>>
  homeFolder: string
  platform: NodeJS.Platform
}

/**
 * Finds the engine as the `docker` command does: `DOCKER_HOST`, else the context of `DOCKER_CONTEXT`, else the current
 * context of the configuration file, else the platform's default socket.
 *
 * @throws EngineUnavailableError where a context is named that cannot be read
 */
export async function findEndpoint(around: EndpointSurroundings): Promise<DockerEndpoint> {
  const { env, homeFolder } = around
  const configFolder = env['DOCKER_CONFIG'] ?? join(homeFolder, '.docker')
  const host = env['DOCKER_HOST']
  if (host !== undefined && host !== '') {
    return {
      source: 'DOCKER_HOST',
      host: host.includes('://') ? host : `tcp://${host}`,
      tls: await tlsFromEnvironment(env, configFolder),
    }
  }
  const named = env['DOCKER_CONTEXT']
  const context = named === undefined || named === '' ? await currentContext(configFolder) : named
  if (context === null || context === 'default') return defaultEndpoint(around)
  return readContext(configFolder, context)
}

async function tlsFromEnvironment(
  env: EndpointSurroundings['env'],
  configFolder: string,
): Promise<TlsMaterial | null> {
  const verify = (env['DOCKER_TLS_VERIFY'] ?? '') !== ''
  const folder = env['DOCKER_CERT_PATH'] ?? ''
  if (!verify && folder === '') return null
  return readTls(folder === '' ? configFolder : folder, verify)
}

async function readTls(folder: string, verify: boolean): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readIfThere(join(folder, file))),
  )
  return { ca: ca ?? null, cert: cert ?? null, key: key ?? null, verify }
}

async function currentContext(configFolder: string): Promise<string | null> {
  const path = join(configFolder, 'config.json')
  const text = await readIfThere(path)
  if (text === null) return null
  try {
    const { currentContext: name } = JSON.parse(text) as { currentContext?: string }
    return name === undefined || name === '' ? null : name
  } catch (error) {
    throw new EngineUnavailableError(`${path} is not JSON, so the Docker context is unknown.`, {
      cause: error,
    })
  }
}

interface ContextFile {
  Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } }
}

async function readContext(configFolder: string, name: string): Promise<DockerEndpoint> {
  // The command keeps a context's files in a folder named by the hash of its name.
  const id = createHash('sha256').update(name).digest('hex')
  const path = join(configFolder, 'contexts', 'meta', id, 'meta.json')
  const text = await readIfThere(path)
  const docker = text === null ? null : (JSON.parse(text) as ContextFile).Endpoints?.docker
  if (docker?.Host === undefined || docker.Host === '') {
    throw new EngineUnavailableError(
      `The Docker context \`${name}\` names no engine (${path}): see \`docker context ls\`.`,
    )
  }
  const tls = await readTls(
    join(configFolder, 'contexts', 'tls', id, 'docker'),
    docker.SkipTLSVerify !== true,
  )
  const secured = tls.ca !== null || tls.cert !== null || !tls.verify
  return { source: `context \`${name}\``, host: docker.Host, tls: secured ? tls : null }
}

async function defaultEndpoint(around: EndpointSurroundings): Promise<DockerEndpoint> {
  const source = 'default socket'
  if (around.platform === 'win32') {
    return { source, host: 'npipe:////./pipe/docker_engine', tls: null }
  }
  // Docker Desktop puts its socket into the home folder where it may not write to /var/run.
  const inHome = join(around.homeFolder, '.docker', 'run', 'docker.sock')
  const system = '/var/run/docker.sock'
  const path = !(await isThere(system)) && (await isThere(inHome)) ? inHome : system
  return { source, host: `unix://${path}`, tls: null }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new EngineUnavailableError(`${path} cannot be read.`, { cause: error })
  }
}
