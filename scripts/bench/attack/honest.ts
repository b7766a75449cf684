import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createLinesClient } from '#node/api/lines/client.ts'
import type { NodeApi } from '#node/api/node-api.ts'
import { API_PORT, ATTACKER_HOSTS, HONEST_HOSTS, PORT } from './namespace.ts'
import { type Refused, refusedIn } from './refusals.ts'

/** A node with the settings that everybody has, in a process of its own. */
export interface HonestNode extends AsyncDisposable {
  readonly peerId: string
  readonly host: string
  readonly api: NodeApi
  /** Lines that it logged so far. */
  logged(): number
  /** What it refused so far; nothing where it is not the one that is attacked. */
  refused(): Promise<Refused>
  /** The longest time that its event loop stood still by its own doing since the last call: milliseconds. */
  stoodMs(): number
  residentBytes(): Promise<number>
}

/** Metrics have a door of their own: whoever crowds at the API's shuts it to others. */
const METRICS = '127.0.0.1:8081'

/**
 * Starts a node that listens on a host of the namespace; the first one also where attackers dial.
 *
 * @param index which host it has: 0 is the one that is attacked
 * @param bootstrap whom it joins
 */
export async function startHonest(
  index: number,
  bootstrap: HonestNode | null,
  { bundle, signal }: { bundle: string; signal: AbortSignal },
): Promise<HonestNode> {
  const host = HONEST_HOSTS[index] ?? ''
  const listensOn = index === 0 ? [host, ...ATTACKER_HOSTS] : [host]
  const watch = join(import.meta.dirname, 'loop-watch.ts')
  const child = spawn(process.execPath, ['--import', watch, join(bundle, 'kadlab.mjs')], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      // As in its image.
      NODE_OPTIONS: '--max-semi-space-size=1',
      MALLOC_ARENA_MAX: '1',
      LISTEN: listensOn.map((each) => `/ip4/${each}/tcp/${PORT}`).join(','),
      PUBLIC_IP: host,
      STDIO_API: 'yes',
      ...(index === 0
        ? { API_LISTEN: `127.0.0.1:${API_PORT}`, METRICS_LISTEN: METRICS }
        : { METRICS: 'no' }),
      ...(bootstrap === null
        ? {}
        : { BOOTSTRAP: `/ip4/${bootstrap.host}/tcp/${PORT}/p2p/${bootstrap.peerId}` }),
    },
  })
  let logged = 0
  let stoodMs = 0
  createInterface(child.stderr).on('line', () => (logged += 1))
  createInterface(child.stdio[3] as Readable).on('line', (line) => {
    stoodMs = Math.max(stoodMs, Number(line))
  })
  const end = async (): Promise<void> => endOf(child)
  try {
    const api = createLinesClient(child.stdout, child.stdin)
    const peerId = await untilListening(api, signal)
    return {
      peerId,
      host,
      api,
      logged: () => logged,
      stoodMs() {
        const longest = stoodMs
        stoodMs = 0
        return longest
      },
      residentBytes: async () => residentOf(child.pid ?? 0),
      refused: async () => (index === 0 ? readRefused(signal) : {}),
      [Symbol.asyncDispose]: end,
    }
  } catch (error) {
    await end()
    throw error
  }
}

async function readRefused(signal: AbortSignal): Promise<Refused> {
  const answer = await fetch(`http://${METRICS}/metrics`, { signal })
  return refusedIn(await answer.text())
}

async function untilListening(api: NodeApi, signal: AbortSignal): Promise<string> {
  let peerId: string | null = null
  for await (const event of api.events({ since: 0, signal })) {
    if (event.event === 'start') peerId = event.peer
    if (event.event === 'listening' && peerId !== null) return peerId
  }
  throw new Error('a node ended before it listened')
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/**
 * Reads `/proc/<pid>/smaps_rollup` (proc_pid_smaps(5)): what is resident, without what the process has given back and the
 * kernel takes when it needs it. 0 for a process that has ended.
 */
async function residentOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? 0)
  return (kilobytes('Rss') - kilobytes('LazyFree')) * 1024
}
