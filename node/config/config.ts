import { join } from 'node:path'
import type { z } from 'zod'
import { KadlabError } from '../base/errors.ts'
import type { LogLevel } from '../base/log.ts'
import { meantVariable } from './typos.ts'
import { type ApiAddress, takesFreePort } from './values.ts'
import { type Variable, VARIABLES, type VariableName } from './variables.ts'

/** The settings of a node, decided. Every duration is in milliseconds. */
export interface NodeConfig {
  /** Multiaddrs to listen on; at least one. */
  readonly listen: readonly string[]
  readonly publicIp: string | null
  readonly announce: readonly string[]
  readonly appendAnnounce: readonly string[]
  /** Multiaddrs, with or without a peer id. */
  readonly bootstrap: readonly string[]
  readonly joinRetryMaxMs: number
  readonly kadMode: 'server' | 'client' | 'auto'
  readonly kadProtocol: string
  readonly kadBucketSize: number
  readonly kadParallelism: number
  readonly kadDisjointPaths: number
  readonly kadQueryTimeoutMs: number
  readonly kadRequestTimeoutMs: number
  readonly kadRefreshIntervalMs: number
  readonly kadEvictAfterMs: number
  readonly addressScope: 'public' | 'private' | 'any'
  /** All private addresses, none, or those in these CIDRs. */
  readonly dialPrivate: boolean | readonly string[]
  readonly dialTimeoutMs: number
  readonly dialAddressTimeoutMs: number
  /** Null: only where it is asked. */
  readonly dialBackIntervalMs: number | null
  readonly maxConnections: number
  /** Inbound, from one address. */
  readonly maxConnectionsPerSecond: number
  readonly maxPendingConnections: number
  readonly identity: IdentitySource
  readonly dataDir: string | null
  readonly putMinCopies: number
  readonly apiListen: ApiAddress | null
  readonly stdioApi: boolean
  readonly metrics: boolean
  /** Where metrics alone are served, beside the API. */
  readonly metricsListen: ApiAddress | null
  /** What the agent version says beside the program's own. */
  readonly build: string | null
  readonly logLevel: LogLevel
  /** By peer id. */
  readonly peerNames: ReadonlyMap<string, string>
  /** Null: text at a terminal, else JSON. */
  readonly logFormat: 'json' | 'pretty' | null
}

/** Where the private key comes from. */
export type IdentitySource =
  | { kind: 'file'; path: string }
  /** 64 hexadecimal digits. */
  | { kind: 'seed'; seed: string }
  /** A new one each start. */
  | { kind: 'random' }

/** One thing that is wrong with the environment. */
export interface ConfigFault {
  variable: string
  /** The text of the variable; null where it is a secret. */
  seen: string | null
  /** What would be right, as a noun phrase or a sentence. */
  allowed: string
}

/** The environment does not make a node. Carries every fault, not just the first. */
export class ConfigError extends KadlabError {
  static override readonly name = 'ConfigError'
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    const lines = faults.map(({ variable, seen, allowed }) => {
      const shown = seen === null ? 'something else (not shown)' : JSON.stringify(seen)
      return `  ${variable}: expected ${allowed}; saw ${shown}`
    })
    const count = faults.length === 1 ? 'a setting is' : `${faults.length} settings are`
    super(`${count} wrong:\n${lines.join('\n')}`)
    this.faults = faults
  }
}

/** One row of the docs' table of variables. */
export interface VariableDoc {
  name: VariableName
  /** As in the environment; empty where there is none. */
  default: string
  allowed: string
  unit: string | null
  doc: string
}

/** Every variable, for the docs' table and for completion. */
export const CONFIG_VARIABLES: readonly VariableDoc[] = Object.entries(
  VARIABLES as Record<string, Variable<unknown>>,
).map(([name, variable]) => ({
  name: name as VariableName,
  default: variable.default ?? variable.defaultNote ?? '',
  allowed: variable.allowed,
  unit: variable.unit,
  doc: variable.doc,
}))

/** What each variable holds, parsed; null where it is unset and has no default. */
type Values = {
  readonly [N in VariableName]:
    | z.output<(typeof VARIABLES)[N]['schema']>
    | ((typeof VARIABLES)[N]['default'] extends null ? null : never)
}

/**
 * Settings from an environment; an empty variable counts as unset.
 *
 * @throws ConfigError with all faults at once: values that are not allowed, variables that contradict each other, and
 * names that are obviously a misspelled one of ours.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): NodeConfig {
  const faults: ConfigFault[] = [...misspelled(env)]
  const values: Record<string, unknown> = {}
  for (const [name, variable] of Object.entries(VARIABLES as Record<string, Variable<unknown>>)) {
    const given = env[name]?.trim() ?? ''
    const read = given === '' ? variable.default : given
    if (read === null) {
      values[name] = null
      continue
    }
    const result = variable.schema.safeParse(read)
    if (result.success) values[name] = result.data
    else faults.push({ variable: name, seen: secretly(variable, read), allowed: variable.allowed })
  }
  faults.push(...contradictions(values))
  if (faults.length > 0) throw new ConfigError(faults)
  return decide(values as Values)
}

function secretly(variable: Variable<unknown>, seen: string): string | null {
  return variable.secret === true ? null : seen
}

function misspelled(env: Readonly<Record<string, string | undefined>>): ConfigFault[] {
  const known = Object.keys(VARIABLES)
  return Object.keys(env).flatMap((name) => {
    const meant = meantVariable(name, known)
    return meant === null ? [] : [{ variable: name, seen: name, allowed: `the name ${meant}` }]
  })
}

/** Values that are right by themselves and not together; a value that did not parse is absent. */
function contradictions(values: Partial<Values>): ConfigFault[] {
  const faults: ConfigFault[] = []
  if (isSet(values.IDENTITY_FILE) && isSet(values.IDENTITY_SEED)) {
    const allowed = 'one of IDENTITY_FILE and IDENTITY_SEED, not both'
    faults.push({ variable: 'IDENTITY_FILE', seen: values.IDENTITY_FILE, allowed })
  }
  if (isSet(values.PUBLIC_IP) && values.ANNOUNCE === null) {
    const allowed = 'a fixed port, because PUBLIC_IP announces it'
    if (values.LISTEN === null && values.LISTEN_PORT === 0) {
      faults.push({ variable: 'LISTEN_PORT', seen: '0', allowed })
    }
    if (values.LISTEN?.some(takesFreePort)) {
      faults.push({ variable: 'LISTEN', seen: values.LISTEN.join(','), allowed })
    }
  }
  return faults
}

function isSet<T>(value: T): value is NonNullable<T> {
  return value !== null && value !== undefined
}

function decide(values: Values): NodeConfig {
  return {
    listen: values.LISTEN ?? [`/ip4/0.0.0.0/tcp/${values.LISTEN_PORT}`],
    publicIp: values.PUBLIC_IP,
    announce: values.ANNOUNCE ?? [],
    appendAnnounce: values.APPEND_ANNOUNCE ?? [],
    bootstrap: values.BOOTSTRAP ?? [],
    joinRetryMaxMs: values.JOIN_RETRY_MAX_MS,
    kadMode: values.KAD_MODE,
    kadProtocol: values.KAD_PROTOCOL,
    kadBucketSize: values.KAD_BUCKET_SIZE,
    kadParallelism: values.KAD_PARALLELISM,
    kadDisjointPaths: values.KAD_DISJOINT_PATHS ?? values.KAD_PARALLELISM,
    kadQueryTimeoutMs: values.KAD_QUERY_TIMEOUT_MS,
    kadRequestTimeoutMs: values.KAD_REQUEST_TIMEOUT_MS,
    kadRefreshIntervalMs: values.KAD_REFRESH_INTERVAL_MS,
    kadEvictAfterMs: values.KAD_EVICT_AFTER_MS,
    addressScope: values.ADDRESS_SCOPE,
    dialPrivate:
      values.DIAL_PRIVATE === 'auto' ? values.ADDRESS_SCOPE !== 'public' : values.DIAL_PRIVATE,
    dialTimeoutMs: values.DIAL_TIMEOUT_MS,
    dialAddressTimeoutMs: values.DIAL_ADDRESS_TIMEOUT_MS,
    dialBackIntervalMs: values.DIAL_BACK_INTERVAL_MS,
    maxConnections: values.MAX_CONNECTIONS,
    maxConnectionsPerSecond: values.MAX_CONNECTIONS_PER_SECOND,
    maxPendingConnections: values.MAX_PENDING_CONNECTIONS,
    identity: identitySource(values),
    dataDir: values.DATA_DIR,
    putMinCopies: values.PUT_MIN_COPIES,
    apiListen: values.API_LISTEN,
    stdioApi: values.STDIO_API,
    metrics: values.METRICS,
    metricsListen: values.METRICS_LISTEN,
    build: values.BUILD,
    logLevel: values.LOG_LEVEL,
    peerNames: values.PEER_NAMES ?? new Map(),
    logFormat: values.LOG_FORMAT,
  }
}

function identitySource(values: Values): IdentitySource {
  if (values.IDENTITY_SEED !== null) return { kind: 'seed', seed: values.IDENTITY_SEED }
  if (values.IDENTITY_FILE !== null) return { kind: 'file', path: values.IDENTITY_FILE }
  if (values.DATA_DIR !== null) return { kind: 'file', path: join(values.DATA_DIR, 'identity.pem') }
  return { kind: 'random' }
}
