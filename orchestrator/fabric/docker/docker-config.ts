import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

type Env = Readonly<Record<string, string | undefined>>

/** Credentials of registries, as the engine's API takes them. */
export type RegistryConfig = Record<string, { username: string; password: string }>

/** What the CLI's configuration has for builds. */
export interface BuildConfig {
  registries: RegistryConfig
  /** Proxy variables, upper and lower case. */
  proxies: Record<string, string>
}

interface ConfigFile {
  auths?: Record<string, { auth?: string }>
  credsStore?: string
  credHelpers?: Record<string, string>
  proxies?: Record<string, Record<string, string>>
}

const PROXY_VARIABLES: Readonly<Record<string, string>> = {
  httpProxy: 'HTTP_PROXY',
  httpsProxy: 'HTTPS_PROXY',
  ftpProxy: 'FTP_PROXY',
  noProxy: 'NO_PROXY',
  allProxy: 'ALL_PROXY',
}

/** How long a credential helper may take, in ms: some ask a key store that is locked. */
const HELPER_MS = 10_000

/**
 * What `docker login` and the `proxies` of the CLI's configuration give a build: a base image of a private registry, a
 * network behind a proxy. What cannot be read is left out, as the CLI does: the build says what it lacks.
 *
 * @param host - the engine's address, for proxies of one engine
 */
export async function readBuildConfig(
  env: Env,
  host: string,
  options: { signal?: AbortSignal } = {},
): Promise<BuildConfig> {
  const folder = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker')
  const config = await readConfig(join(folder, 'config.json'))
  return { registries: await registriesOf(config, env, options), proxies: proxiesOf(config, host) }
}

async function readConfig(path: string): Promise<ConfigFile> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ConfigFile
  } catch {
    return {}
  }
}

function proxiesOf({ proxies = {} }: ConfigFile, host: string): Record<string, string> {
  const chosen = proxies[host] ?? proxies['default'] ?? {}
  return Object.fromEntries(
    Object.entries(PROXY_VARIABLES).flatMap(([key, name]) => {
      const value = chosen[key] ?? ''
      return value === ''
        ? []
        : [
            [name, value],
            [name.toLowerCase(), value],
          ]
    }),
  )
}

async function registriesOf(
  { auths = {}, credsStore, credHelpers = {} }: ConfigFile,
  env: Env,
  options: { signal?: AbortSignal },
): Promise<RegistryConfig> {
  const stored = credsStore === undefined ? [] : await listStore(credsStore, env, options)
  const servers = new Set([...Object.keys(auths), ...Object.keys(credHelpers), ...stored])
  const found = await Promise.all(
    [...servers].map(async (server) => {
      const helper = credHelpers[server] ?? credsStore
      const credentials =
        decodeAuth(auths[server]?.auth) ??
        (helper === undefined ? null : await askHelper(helper, server, env, options))
      return credentials === null ? [] : [[server, credentials] as const]
    }),
  )
  return Object.fromEntries(found.flat())
}

function decodeAuth(auth = ''): RegistryConfig[string] | null {
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString().split(':')
  return username === '' ? null : { username, password: password.join(':').replace(/\0+$/, '') }
}

async function listStore(
  store: string,
  env: Env,
  options: { signal?: AbortSignal },
): Promise<string[]> {
  const said = await runHelper(store, 'list', '', env, options)
  return Object.keys(said ?? {})
}

async function askHelper(
  helper: string,
  server: string,
  env: Env,
  options: { signal?: AbortSignal },
): Promise<RegistryConfig[string] | null> {
  const said = await runHelper(helper, 'get', server, env, options)
  const { Username = '', Secret = '' } = (said ?? {}) as { Username?: string; Secret?: string }
  return Username === '' ? null : { username: Username, password: Secret }
}

/** The protocol of credential helpers: a word as argument, a server on standard input, JSON on standard output. */
async function runHelper(
  name: string,
  word: 'get' | 'list',
  input: string,
  env: Env,
  { signal }: { signal?: AbortSignal },
): Promise<unknown> {
  const patience = AbortSignal.timeout(HELPER_MS)
  const either = signal === undefined ? patience : AbortSignal.any([signal, patience])
  try {
    const child = spawn(`docker-credential-${name}`, [word], {
      env,
      signal: either,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const failed = new Promise<never>((_, reject) => void child.once('error', reject))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    return JSON.parse(await Promise.race([text(child.stdout), failed])) as unknown
  } catch {
    signal?.throwIfAborted()
    return null
  }
}
