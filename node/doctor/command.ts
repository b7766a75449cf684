import { readFile } from 'node:fs/promises'
import { createHttpClient } from '../api/http/client.ts'
import type { AbortOptions } from '../base/abort-options.ts'
import { describeError } from '../base/errors.ts'
import { visibleJson, visibleText } from '../base/visible.ts'
import { otherTransportOf } from '../judgement/multiaddr-facts.ts'
import { openPrivateNetwork, type PrivateNetwork } from '../peer/private-network.ts'
import { systemClock } from '../time/clock.ts'
import { delay } from '../time/delay.ts'
import { createStyle } from '../view/style.ts'
import {
  changesBetween,
  clusterFacts,
  diagnosisFacts,
  type Facts,
  ownSideFacts,
} from './changes.ts'
import { clusterText } from './cluster-text.ts'
import { examineCluster } from './cluster.ts'
import { diagnosisText } from './diagnosis-text.ts'
import { examine } from './examine.ts'
import { type Hosts, hostsOf, parseHosts } from './hosts.ts'
import { installedOf, OTHER_TRANSPORTS } from './other-transports.ts'
import { examineOwnNode } from './own-node.ts'
import { createProgress } from './progress.ts'
import { selfText } from './self-text.ts'
import { examineSelf } from './self.ts'
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
  /** Whether `errors` is a terminal, on which a line says what is being done until it is over. Default false. */
  progress?: boolean
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
    const { others = OTHER_TRANSPORTS } = components
    const needsOthers = words.some((word) => otherTransportOf(word) !== null)
    const read = readDoctorTask(words, io.env, needsOthers ? await installedOf(others) : [])
    if (read.kind !== 'help' && read.kind !== 'own-node') {
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
  return repeat(task, io, { ...components, network })
}

/** An examination, and again and again where that is wanted. The status is that of the last one. */
async function repeat(
  task: Exclude<ReadyTask, { kind: 'help' }>,
  io: DoctorIo,
  components: ExamineComponents,
): Promise<number> {
  const { clock = systemClock } = components
  const { watchMs, json } = task.options
  const progress = createProgress(io)
  let before: Facts | null = null
  for (;;) {
    const { text, healthy, facts } = await perform(task, io, components, progress.tell)
    progress.clear()
    if (before === null || json) io.output.write(text)
    else for (const change of changesBetween(before, facts)) io.output.write(changeLine(change))
    before = facts
    const status = healthy ? 0 : 1
    if (watchMs === null) return status
    try {
      await delay(clock, watchMs, { signal: io.signal })
    } catch {
      return status
    }
  }
}

function changeLine(change: string): string {
  return visibleText([`${new Date().toISOString()} ${change}`])
}

interface Found {
  text: string
  healthy: boolean
  facts: Facts
}

async function perform(
  task: Exclude<ReadyTask, { kind: 'help' }>,
  { signal, columns: width = 80, colors = false }: DoctorIo,
  components: ExamineComponents,
  onProgress: (text: string) => void,
): Promise<Found> {
  const { json, watchMs, ...options } = task.options
  const style = createStyle(colors)
  // Of several documents each is one line.
  const jsonText = (value: unknown): string => `${visibleJson(value, watchMs === null ? 2 : 0)}\n`
  const examined = { ...options, signal, onProgress }
  if (task.kind === 'own-node') {
    const { api, token, names } = task
    onProgress('asking the node, which dials its peers back')
    const node = createHttpClient(api, token)
    return examineOwnNode(node, { jsonText: json ? jsonText : null, names, width, style, signal })
  }
  if (task.kind === 'self') {
    const side = await examineSelf(task.vias, examined, components)
    const text = json ? jsonText(side) : selfText(side, style)
    return { text, healthy: side.healthy, facts: ownSideFacts(side) }
  }
  if (task.kind === 'peer') {
    const diagnosis = await examine(task.address, examined, components)
    const text = json ? jsonText(diagnosis) : diagnosisText(diagnosis, style)
    return { text, healthy: diagnosis.healthy, facts: diagnosisFacts(diagnosis) }
  }
  const hosts = task.kind === 'cluster' ? task.hosts : hostsOf(task, task.options.protocol)
  const cluster = await examineCluster(hosts, examined, components)
  const text = json ? jsonText(cluster) : clusterText(cluster, style)
  return { text, healthy: cluster.healthy, facts: clusterFacts(cluster) }
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
