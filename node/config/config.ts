import { join } from 'node:path'
import { KadlabError } from '../base/errors.ts'
import { ITEM_LIMITS } from './item-limits.ts'
import type { Variable } from './rows.ts'
import { meantVariable } from './typos.ts'
import { isWithinMachine, shownAddress, takesFreePort } from './values.ts'
import { fieldOf, type Settings, VARIABLES, type VariableName } from './variables.ts'

/** Settings that are decided from several variables, or from more than their own text. */
interface Decided {
  /** Multiaddrs to listen on; at least one. */
  readonly listen: readonly string[]
  /** All private addresses, none, or those in these CIDRs. */
  readonly dialPrivate: boolean | readonly string[]
  readonly kadDisjointPaths: number
  readonly identity: IdentitySource
  /** Largest body of a request to the API, in bytes. */
  readonly apiMaxBodyBytes: number
}

type Replaced = keyof Decided | 'listenPort' | 'identityFile' | 'identitySeed'

/**
 * The settings of a node, decided: what each row of VARIABLES means, under the row's name as a field (`KAD_MODE` is
 * `kadMode`). Every duration is in milliseconds.
 */
export interface NodeConfig extends Omit<Settings, Replaced>, Decided {}

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
      values[fieldOf(name)] = null
      continue
    }
    const result = variable.schema.safeParse(read)
    if (result.success) values[fieldOf(name)] = result.data
    else faults.push({ variable: name, seen: secretly(variable, read), allowed: variable.allowed })
  }
  faults.push(...contradictions(values))
  if (faults.length > 0) throw new ConfigError(faults)
  return decide(values as Settings)
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
function contradictions(settings: Partial<Settings>): ConfigFault[] {
  const { listen, listenPort, publicIp, announce, identityFile, identitySeed } = settings
  const faults: ConfigFault[] = []
  if (isSet(identityFile) && isSet(identitySeed)) {
    const allowed = 'one of IDENTITY_FILE and IDENTITY_SEED, not both'
    faults.push({ variable: 'IDENTITY_FILE', seen: identityFile, allowed })
  }
  if (isSet(publicIp) && announce?.length === 0) {
    const allowed = 'a fixed port, because PUBLIC_IP announces it'
    if (listen === null && listenPort === 0) {
      faults.push({ variable: 'LISTEN_PORT', seen: '0', allowed })
    }
    if (listen?.some(takesFreePort)) {
      faults.push({ variable: 'LISTEN', seen: listen.join(','), allowed })
    }
  }
  const { apiListen, apiToken, apiPublishedAt } = settings
  if (
    isSet(apiListen) &&
    apiToken === null &&
    !isWithinMachine(apiListen, apiPublishedAt ?? null)
  ) {
    const allowed =
      'API_TOKEN beside it, as others than this machine reach it; or a socket, or loopback'
    faults.push({ variable: 'API_LISTEN', seen: shownAddress(apiListen), allowed })
  }
  return faults
}

function isSet<T>(value: T): value is NonNullable<T> {
  return value !== null && value !== undefined
}

function decide(settings: Settings): NodeConfig {
  const { listenPort, identityFile: _file, identitySeed: _seed, ...others } = settings
  const { addressScope, dialPrivate, kadParallelism } = settings
  return {
    ...others,
    listen: settings.listen ?? [`/ip4/0.0.0.0/tcp/${listenPort}`],
    dialPrivate: dialPrivate === 'auto' ? addressScope !== 'public' : dialPrivate,
    kadDisjointPaths: settings.kadDisjointPaths ?? kadParallelism,
    identity: identitySource(settings),
    apiMaxBodyBytes:
      settings.apiMaxBodyBytes ?? Math.max(settings.maxValueBytes, ITEM_LIMITS.valueBytes),
  }
}

function identitySource({ identitySeed, identityFile, dataDir }: Settings): IdentitySource {
  if (identitySeed !== null) return { kind: 'seed', seed: identitySeed }
  if (identityFile !== null) return { kind: 'file', path: identityFile }
  if (dataDir !== null) return { kind: 'file', path: join(dataDir, 'identity.pem') }
  return { kind: 'random' }
}
