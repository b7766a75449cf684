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

/** An endpoint's address, taken apart. */
export interface EndpointParts {
  scheme: 'unix' | 'npipe' | 'tcp' | 'http' | 'https' | 'ssh'
  /** Of `unix` and `npipe`; else empty. */
  socketPath: string
  /** Of the others; may be an alias of ssh's own configuration. */
  hostname: string
  /** Null: the scheme's own. */
  port: number | null
  /** Empty: none. */
  username: string
}

const SCHEMES: readonly string[] = ['unix', 'npipe', 'tcp', 'http', 'https', 'ssh']

/**
 * Takes an endpoint's address apart.
 *
 * @throws EngineUnavailableError where it is none that a client can use
 */
export function parseEndpoint({ host, source }: DockerEndpoint): EndpointParts {
  const at = host.indexOf('://')
  const [scheme, rest] = [host.slice(0, Math.max(at, 0)), host.slice(at + 3)]
  const wrong = (why: string): EngineUnavailableError =>
    new EngineUnavailableError(
      `${source} names no engine that can be reached: \`${host}\` ${why} ` +
        '(expected unix:///path, tcp://host:port, ssh://[user@]host or npipe://…).',
    )
  if (scheme === 'fd') throw wrong('is for an engine that listens, not for a client')
  if (!SCHEMES.includes(scheme)) throw wrong('has no scheme that is known')
  if (rest === '') throw wrong('names nothing behind its scheme')
  const none = { socketPath: '', hostname: '', port: null, username: '' }
  const known = scheme as EndpointParts['scheme']
  if (known === 'unix' || known === 'npipe') return { ...none, scheme: known, socketPath: rest }
  const parts = /^(?:([^@/]*)@)?(\[[^\]]+\]|[^:/@]+)(?::(\d+))?(?:\/.*)?$/.exec(rest)
  if (parts === null) throw wrong('is no host and port')
  const [, username = '', hostname = '', port] = parts
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) {
    throw wrong(`has the port ${port}, and ports are 1 to 65535`)
  }
  const bare = hostname.replace(/^\[|\]$/g, '')
  // ssh would take it for an option.
  if (bare.startsWith('-') || username.startsWith('-')) throw wrong('begins with a dash')
  return {
    ...none,
    scheme: known,
    hostname: bare,
    port: port === undefined ? null : Number(port),
    username: username.split(':')[0] ?? '',
  }
}

async function tlsFromEnvironment(
  env: EndpointSurroundings['env'],
  configFolder: string,
): Promise<TlsMaterial | null> {
  const verify = (env['DOCKER_TLS_VERIFY'] ?? '') !== ''
  const folder = env['DOCKER_CERT_PATH'] ?? ''
  if (!verify && folder === '') return null
  const where = folder === '' ? configFolder : folder
  const tls = await readTls(where, verify)
  if (tls.ca === null && tls.cert === null) {
    throw new EngineUnavailableError(
      `${verify ? 'DOCKER_TLS_VERIFY' : 'DOCKER_CERT_PATH'} asks for TLS, and ${where} has neither ca.pem nor cert.pem.`,
    )
  }
  return tls
}

async function readTls(folder: string, verify: boolean): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readIfThere(join(folder, file))),
  )
  if ((cert === undefined || cert === null) !== (key === undefined || key === null)) {
    const missing = key === undefined || key === null ? 'key.pem' : 'cert.pem'
    throw new EngineUnavailableError(
      `TLS for the engine needs cert.pem and key.pem, and ${join(folder, missing)} is missing.`,
    )
  }
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

function parseContext(text: string, path: string): ContextFile {
  try {
    return JSON.parse(text) as ContextFile
  } catch (error) {
    throw new EngineUnavailableError(`${path} is not JSON, so the Docker context is unknown.`, {
      cause: error,
    })
  }
}

async function readContext(configFolder: string, name: string): Promise<DockerEndpoint> {
  // The command keeps a context's files in a folder named by the hash of its name.
  const id = createHash('sha256').update(name).digest('hex')
  const path = join(configFolder, 'contexts', 'meta', id, 'meta.json')
  const text = await readIfThere(path)
  const docker = text === null ? null : parseContext(text, path).Endpoints?.docker
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
