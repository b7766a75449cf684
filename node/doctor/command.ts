import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { multiaddr } from '@multiformats/multiaddr'
import { createHttpClient } from '../api/http/client.ts'
import type { AbortOptions } from '../base/abort-options.ts'
import { describeError, KadlabError } from '../base/errors.ts'
import { asTyped } from '../base/typed.ts'
import { type ApiAddress, apiAddress, peerNames } from '../config/values.ts'
import type { AddressScope } from '../judgement/observation.ts'
import { createStyle } from '../view/style.ts'
import { clusterText } from './cluster-text.ts'
import { examineCluster } from './cluster.ts'
import { diagnosisText } from './diagnosis-text.ts'
import { examine } from './examine.ts'
import { type Hosts, parseHosts } from './hosts.ts'
import { examineOwnNode } from './own-node.ts'
import type { ExamineComponents } from './stranger.ts'

/** Status 2: the words are wrong. */
class UsageError extends KadlabError {
  static override readonly name = 'UsageError'
}

const usage = (
  env: DoctorIo['env'],
): string => `${asTyped(env, 'doctor', { options: '<multiaddr> [options]' })}
Examines a live libp2p peer of any implementation as a stranger meets it. Without a multiaddr: asks the node whose API
listens at API_LISTEN (in a container, the container's own) what keeps each peer that it knows of from being found.

terraform output -json hosts | ${asTyped(env, 'doctor', { options: '--hosts - [options]' })}
Examines each host of a deployed cluster, and asks each which of the others it lists.

  --hosts FILE       a list of hosts as terraform/ gives it; - reads standard input
  --dial-private     dial announced private addresses too (they lead into your own LAN)
  --scope SCOPE      which addresses count: public (default), private or any
  --protocol NAME    Kademlia protocol (default /ipfs/kad/1.0.0)
  --timeout SECONDS  longest time for each step (default 5)
  --json             the diagnosis as JSON, and nothing else

Exit status: 0 healthy, 1 not, 2 wrong use.
`

const SCOPES: readonly AddressScope[] = ['public', 'private', 'any']
/** Flags that npm takes for its own where \`--\` is missing. */
const FLAGS = ['hosts', 'dial-private', 'scope', 'protocol', 'timeout', 'json']

export interface DoctorIo extends AbortOptions {
  env: Readonly<Record<string, string | undefined>>
  /** Read for `--hosts -`. */
  input?: AsyncIterable<Uint8Array | string>
  output: NodeJS.WritableStream
  errors: NodeJS.WritableStream
  /** Characters in a line of the output. Default 80. */
  columns?: number
  /** Whether the output takes colours. Default false. */
  colors?: boolean
}

/**
 * Runs the doctor's command line and returns its exit status: 0 healthy, 1 not, 2 wrong use.
 *
 * @throws the signal's reason where it aborts
 */
export async function runDoctor(
  words: readonly string[],
  io: DoctorIo,
  components: ExamineComponents = {},
): Promise<number> {
  let parsed: ReturnType<typeof readWords>
  let hosts: Hosts | null = null
  try {
    parsed = readWords(words, io.env)
    if (parsed !== 'help' && parsed.hosts !== null) hosts = await readHosts(parsed.hosts, io)
  } catch (error) {
    io.errors.write(`${describeError(error)}\n\n${usage(io.env)}`)
    return 2
  }
  if (parsed === 'help') {
    io.output.write(usage(io.env))
    return 0
  }
  const { address, json, hosts: _, ...options } = parsed
  const { signal } = io
  if (hosts !== null) {
    const cluster = await examineCluster(hosts, { ...options, signal }, components)
    io.output.write(
      json
        ? `${JSON.stringify(cluster, null, 2)}
`
        : clusterText(cluster, { stream: io.output }),
    )
    return cluster.healthy ? 0 : 1
  }
  if (typeof address !== 'string') {
    const { names } = address
    const view = { names, width: io.columns ?? 80, style: createStyle(io.colors ?? false) }
    const { text, healthy } = await examineOwnNode(createHttpClient(address.api), {
      json,
      ...view,
      signal,
    })
    io.output.write(text)
    return healthy ? 0 : 1
  }
  const diagnosis = await examine(address, { ...options, signal }, components)
  io.output.write(
    json
      ? `${JSON.stringify(diagnosis, null, 2)}\n`
      : diagnosisText(diagnosis, { stream: io.output }),
  )
  return diagnosis.healthy ? 0 : 1
}

function readWords(words: readonly string[], env: DoctorIo['env']) {
  refuseSwallowedFlags(env)
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      hosts: { type: 'string' },
      'dial-private': { type: 'boolean', default: false },
      scope: { type: 'string', default: 'public' },
      protocol: { type: 'string', default: '/ipfs/kad/1.0.0' },
      timeout: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const [address, ...more] = positionals
  const { hosts = null } = values
  const { API_LISTEN: api = '' } = env
  if (hosts !== null && positionals.length > 0) {
    throw new UsageError(`expected no multiaddr beside --hosts, saw ${positionals.length}`)
  }
  if (more.length > 0 || (hosts === null && address === undefined && api === '')) {
    throw new UsageError(`expected one multiaddr, or API_LISTEN; saw ${positionals.length}`)
  }
  return {
    hosts,
    address:
      hosts !== null
        ? ''
        : address === undefined
          ? { api: checkedApi(api), names: checkedNames(env['PEER_NAMES'] ?? '') }
          : checkedAddress(address),
    scope: checkedScope(values.scope),
    protocol: checkedProtocol(values.protocol),
    timeoutMs: checkedSeconds(values.timeout) * 1000,
    dialPrivate: values['dial-private'],
    json: values.json,
  }
}

async function readHosts(path: string, io: DoctorIo): Promise<Hosts> {
  if (path !== '-') {
    return parseHosts(
      await readFile(path, 'utf8').catch((cause: unknown) => {
        throw new UsageError(`--hosts: ${path} cannot be read: ${describeError(cause)}`, { cause })
      }),
    )
  }
  let text = ''
  for await (const piece of io.input ?? []) text += piece.toString()
  return parseHosts(text)
}

/** npm keeps flags before \`--\` for itself, as variables. */
function refuseSwallowedFlags(env: DoctorIo['env']): void {
  if (env['npm_lifecycle_event'] !== 'doctor') return
  const swallowed = FLAGS.filter(
    (flag) => env[`npm_config_${flag.replaceAll('-', '_')}`] !== undefined,
  )
  if (swallowed.length === 0) return
  throw new UsageError(
    `npm kept --${swallowed.join(', --')} for itself; write: npm run doctor -- <multiaddr> --${swallowed.join(' --')}`,
  )
}

function checkedAddress(text: string): string {
  try {
    const names = multiaddr(text)
      .getComponents()
      .map(({ name }) => name)
    if (names.includes('tcp')) return text
  } catch (error) {
    throw new UsageError(`expected a multiaddr such as /ip4/11.0.0.11/tcp/3000, saw ${text}`, {
      cause: error,
    })
  }
  throw new UsageError(`expected a multiaddr with a TCP port, saw ${text}`)
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

function checkedSeconds(text: string): number {
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 600) return seconds
  throw new UsageError(`--timeout: expected seconds above 0 and up to 600, saw ${text}`)
}
