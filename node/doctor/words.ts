import { parseArgs } from 'node:util'
import { KadlabError } from '../base/errors.ts'
import { readPeerId } from '../base/read-peer-id.ts'
import { asTyped } from '../base/typed.ts'
import { type ApiAddress, apiAddress, peerNames, tcpMultiaddrs } from '../config/values.ts'
import { hostPort, peerIdOf, withoutPeerId } from '../judgement/multiaddr-facts.ts'
import type { AddressScope } from '../judgement/observation.ts'
import { type OtherTransport, transportOf } from './other-transports.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Status 2: the words are wrong. */
export class UsageError extends KadlabError {
  static override readonly name = 'UsageError'
}

export const usage = (
  env: Env,
): string => `${asTyped(env, 'doctor', { options: '<multiaddr> [options]' })}
Examines a live libp2p peer of any implementation as a stranger meets it. Of several, it asks each which of the others it
lists. Without a multiaddr: asks the node whose API listens at API_LISTEN (in a container, the container's own) what keeps
each peer that it knows of from being found.

terraform output -json hosts | ${asTyped(env, 'doctor', { options: '--hosts - [options]' })}
Examines each host of a deployed cluster, and asks each which of the others it lists.

${asTyped(env, 'doctor', { options: '--self --via <multiaddr> --via <multiaddr> [options]' })}
Says what NAT this side is behind, by where these peers see it.

  --hosts FILE       a list of hosts as terraform/ gives it; - reads standard input
  --dial-private     dial announced private addresses too (they lead into your own LAN)
  --scope SCOPE      which addresses count: public (default), private or any
  --protocol NAME    Kademlia protocol (default /ipfs/kad/1.0.0)
  --timeout SECONDS  longest time for all of it (default 10)
  --watch SECONDS    again and again, so many seconds apart, until it is interrupted: what has changed
  --json             the diagnosis as JSON, and nothing else (with --watch one a line)

SWARM_KEY_FILE in the environment names the swarm key of a private network.

Exit status: 0 healthy, 1 not, 2 wrong use.
`

const SCOPES: readonly AddressScope[] = ['public', 'private', 'any']
/** Flags that npm takes for its own where `--` is missing. */
const FLAGS = [
  'hosts',
  'self',
  'via',
  'dial-private',
  'scope',
  'protocol',
  'timeout',
  'watch',
  'json',
]

/** What is asked for. */
export type DoctorTask =
  | { kind: 'help' }
  /** The hosts of a cluster, listed in a file; `-` is standard input. */
  | { kind: 'cluster'; hosts: string; options: DoctorOptions }
  /** Several peers, and which of the others each lists. */
  | {
      kind: 'peers'
      addresses: string[]
      names: ReadonlyMap<string, string>
      options: DoctorOptions
    }
  /** One's own side, as peers see it. */
  | { kind: 'self'; vias: string[]; options: DoctorOptions }
  /** One peer, as strangers meet it. */
  | { kind: 'peer'; address: string; options: DoctorOptions }
  /** What a running node says of those that it knows. */
  | {
      kind: 'own-node'
      api: ApiAddress
      /** What is shown to it; null where there is none. */
      token: string | null
      names: ReadonlyMap<string, string>
      options: DoctorOptions
    }

export interface DoctorOptions {
  scope: AddressScope
  protocol: string
  timeoutMs: number
  dialPrivate: boolean
  json: boolean
  /** Pause between two examinations, in milliseconds; null: there is one. */
  watchMs: number | null
}

/**
 * Reads the doctor's words, and what they leave open from the environment.
 *
 * @param others transports beside TCP by which the doctor dials
 * @throws UsageError, or an error of `parseArgs`
 */
export function readDoctorTask(
  words: readonly string[],
  env: Env,
  others: readonly OtherTransport[] = [],
): DoctorTask {
  refuseSwallowedFlags(env)
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      hosts: { type: 'string' },
      self: { type: 'boolean', default: false },
      via: { type: 'string', multiple: true, default: [] },
      'dial-private': { type: 'boolean', default: false },
      scope: { type: 'string', default: 'public' },
      protocol: { type: 'string', default: '/ipfs/kad/1.0.0' },
      timeout: { type: 'string', default: '10' },
      watch: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return { kind: 'help' }
  const options = {
    scope: checkedScope(values.scope),
    protocol: checkedProtocol(values.protocol),
    timeoutMs: checkedSeconds(values.timeout) * 1000,
    dialPrivate: values['dial-private'],
    json: values.json,
    watchMs: values.watch === undefined ? null : checkedSeconds(values.watch, '--watch') * 1000,
  }
  const { hosts, self, via } = values
  if (self || via.length > 0) {
    if (!self || via.length < 2 || positionals.length > 0 || hosts !== undefined) {
      throw new UsageError(
        `expected --self with two peers at least, as --self --via <multiaddr> --via <multiaddr>, and nothing else to examine; saw ${via.length} peers${self ? '' : ' and no --self'}`,
      )
    }
    return { kind: 'self', vias: via.map((one) => checkedAddress(one, [])), options }
  }
  const [address, ...more] = positionals
  if (hosts !== undefined) {
    if (address === undefined) return { kind: 'cluster', hosts, options }
    throw new UsageError(`expected no multiaddr beside --hosts, saw ${positionals.length}`)
  }
  const { API_LISTEN: api = '', API_TOKEN: token = '', PEER_NAMES: names = '' } = env
  if (address === undefined && api === '') {
    throw new UsageError('expected a multiaddr, or API_LISTEN; saw neither')
  }
  if (more.length > 0) {
    const addresses = [...new Set(positionals.map((one) => checkedAddress(one, others)))]
    return { kind: 'peers', addresses, names: checkedNames(names), options }
  }
  return address === undefined
    ? {
        kind: 'own-node',
        api: checkedApi(api),
        token: token.trim() === '' ? null : token.trim(),
        names: checkedNames(names),
        options,
      }
    : { kind: 'peer', address: checkedAddress(address, others), options }
}

/** npm keeps flags before `--` for itself, as variables. */
function refuseSwallowedFlags(env: Env): void {
  if (env['npm_lifecycle_event'] !== 'doctor') return
  const swallowed = FLAGS.filter(
    (flag) => env[`npm_config_${flag.replaceAll('-', '_')}`] !== undefined,
  )
  if (swallowed.length === 0) return
  throw new UsageError(
    `npm kept --${swallowed.join(', --')} for itself; write: npm run doctor -- <multiaddr> --${swallowed.join(' --')}`,
  )
}

/** As strict as BOOTSTRAP is; beside TCP `/dnsaddr`, which names whole multiaddrs, and what `others` dial. */
function checkedAddress(text: string, others: readonly OtherTransport[]): string {
  const bare = withoutPeerId(text)
  if (bare.startsWith('/dnsaddr/')) return withReadPeerId(text)
  const other = transportOf(bare)
  const end = hostPort(bare)
  const overTcp = other === null ? bare : `/${end?.family}/${end?.host}/tcp/${end?.port}`
  const parsed = tcpMultiaddrs.safeParse(overTcp)
  if (!parsed.success || parsed.data.length !== 1) {
    throw new UsageError(
      end?.port === null
        ? `expected a multiaddr with a TCP port, saw ${text}`
        : `expected a multiaddr such as /ip4/11.0.0.11/tcp/3000, over ${spoken(others)} and with a port above 0, saw ${text}`,
    )
  }
  if (other === null || others.includes(other)) return withReadPeerId(text)
  throw new UsageError(
    `expected a multiaddr over ${spoken(others)}, saw ${text}; for ${other.name} install ${other.package} beside the doctor`,
  )
}

function spoken(others: readonly OtherTransport[]): string {
  return ['plain TCP', ...others.map(({ name }) => name)].join(' or ')
}

/** A peer id has several spellings (base58, CIDv1 in any base): one is taken for all. */
function withReadPeerId(text: string): string {
  const peerId = peerIdOf(text)
  if (peerId === null) return text
  const read = readPeerId(peerId)
  if (read !== null) return `${withoutPeerId(text)}/p2p/${read}`
  throw new UsageError(`expected a peer id behind /p2p/, saw ${peerId}`)
}

function checkedApi(text: string): ApiAddress {
  const parsed = apiAddress.safeParse(text)
  if (parsed.success) return parsed.data
  throw new UsageError(`API_LISTEN: expected the path of a unix socket, or host:port; saw ${text}`)
}

function checkedNames(text: string): ReadonlyMap<string, string> {
  const parsed = peerNames.safeParse(text)
  if (parsed.success) return parsed.data
  throw new UsageError(`PEER_NAMES: expected name=peer id, separated by commas; saw ${text}`)
}

function checkedScope(text: string): AddressScope {
  const scope = SCOPES.find((known) => known === text)
  if (scope !== undefined) return scope
  throw new UsageError(`--scope: expected ${SCOPES.join(', ')}, saw ${text}`)
}

function checkedProtocol(text: string): string {
  if (text.startsWith('/')) return text
  throw new UsageError(`--protocol: expected a name such as /ipfs/kad/1.0.0, saw ${text}`)
}

function checkedSeconds(text: string, flag = '--timeout'): number {
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 600) return seconds
  throw new UsageError(`${flag}: expected seconds above 0 and up to 600, saw ${text}`)
}
