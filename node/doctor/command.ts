import { readFile } from 'node:fs/promises'
import { createHttpClient } from '../api/http/client.ts'
import type { AbortOptions } from '../base/abort-options.ts'
import { describeError } from '../base/errors.ts'
import { visibleJson, visibleLines } from '../base/visible.ts'
import { openPrivateNetwork, type PrivateNetwork } from '../peer/private-network.ts'
import { systemClock } from '../time/clock.ts'
import { createStyle } from '../view/style.ts'
import { clusterText } from './cluster-text.ts'
import { examineCluster } from './cluster.ts'
import { diagnosisText } from './diagnosis-text.ts'
import { examine } from './examine.ts'
import { type Hosts, parseHosts } from './hosts.ts'
import { examineOwnNode } from './own-node.ts'
import type { ExamineComponents } from './stranger.ts'
import { type DoctorTask, readDoctorTask, usage, UsageError } from './words.ts'

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

/** A task whose list of hosts has been read. */
type ReadyTask =
  | Exclude<DoctorTask, { kind: 'cluster' }>
  | (Omit<Extract<DoctorTask, { kind: 'cluster' }>, 'hosts'> & { hosts: Hosts })

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
  let task: ReadyTask
  let network: PrivateNetwork | null = null
  try {
    const read = readDoctorTask(words, io.env)
    if (read.kind === 'peer' || read.kind === 'cluster') {
      network = await networkOf(io.env, read.options.timeoutMs, components)
    }
    task = read.kind === 'cluster' ? { ...read, hosts: await readHosts(read.hosts, io) } : read
  } catch (error) {
    io.errors.write(`${describeError(error)}\n\n${usage(io.env)}`)
    return 2
  }
  if (task.kind === 'help') {
    io.output.write(usage(io.env))
    return 0
  }
  const { text, healthy } = await perform(task, io, { ...components, network })
  io.output.write(visibleLines(text))
  return healthy ? 0 : 1
}

async function perform(
  task: Exclude<ReadyTask, { kind: 'help' }>,
  { signal, columns: width = 80, colors = false }: DoctorIo,
  components: ExamineComponents,
): Promise<{ text: string; healthy: boolean }> {
  const { json, ...options } = task.options
  const style = createStyle(colors)
  if (task.kind === 'own-node') {
    const { api, token, names } = task
    const node = createHttpClient(api, token)
    return examineOwnNode(node, { json, names, width, style, signal })
  }
  if (task.kind === 'peer') {
    const diagnosis = await examine(task.address, { ...options, signal }, components)
    const text = json ? jsonText(diagnosis) : diagnosisText(diagnosis, style)
    return { text, healthy: diagnosis.healthy }
  }
  const cluster = await examineCluster(task.hosts, { ...options, signal }, components)
  const text = json ? jsonText(cluster) : clusterText(cluster, style)
  return { text, healthy: cluster.healthy }
}

/** The private network of this environment; null where it names none. A dial gets half of the time, a nonce half of that. */
async function networkOf(
  { SWARM_KEY_FILE: keyFile = '' }: DoctorIo['env'],
  timeoutMs: number,
  { clock = systemClock }: ExamineComponents,
): Promise<PrivateNetwork | null> {
  return keyFile === ''
    ? null
    : openPrivateNetwork({ keyFile, nonceTimeoutMs: timeoutMs / 4 }, { clock })
}

function jsonText(value: unknown): string {
  return `${visibleJson(value)}\n`
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
