import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { NodeApi } from '#node/api/node-api.ts'
import { PROGRAMS, type Program, type ProgramName } from './programs.ts'

/** Well away from what else listens on a machine; each peer takes the next one. */
const FIRST_PORT = 21_000

/** A running peer of the bench. */
export interface BenchPeer {
  readonly peerId: string
  readonly api: NodeApi
  readonly process: ChildProcess
  /** CPU time so far in milliseconds, and resident memory in bytes. */
  usage(): Promise<{ cpuMs: number; residentBytes: number }>
}

/** Peers of one program in processes of their own, all joined through the first. */
export interface Crew extends AsyncDisposable {
  readonly peers: readonly BenchPeer[]
}

/** Starts peers one after the other; each has said that it started before the next does. */
export async function startCrew(
  name: ProgramName,
  count: number,
  options: { bundle: string; signal: AbortSignal },
): Promise<Crew> {
  const peers: BenchPeer[] = []
  const end = async (): Promise<void> => {
    await Promise.all(
      peers.map(async ({ process: child }) => {
        const ended = child.exitCode === null ? once(child, 'exit') : null
        // One that was stopped ends by this too.
        child.kill('SIGKILL')
        await ended
      }),
    )
  }
  try {
    for (let index = 0; index < count; index += 1) {
      options.signal.throwIfAborted()
      const [first] = peers
      const bootstrap =
        first === undefined
          ? {}
          : { BOOTSTRAP: `/ip4/127.0.0.1/tcp/${FIRST_PORT}/p2p/${first.peerId}` }
      peers.push(await startPeer(PROGRAMS[name], index, { ...options, bootstrap }))
    }
  } catch (error) {
    await end()
    throw error
  }
  return { peers, [Symbol.asyncDispose]: end }
}

async function startPeer(
  program: Program,
  index: number,
  options: { bundle: string; signal: AbortSignal; bootstrap: Record<string, string> },
): Promise<BenchPeer> {
  const [command = '', ...args] = program.command(options.bundle)
  const port = FIRST_PORT + index
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      LISTEN: `/ip4/127.0.0.1/tcp/${port}`,
      LISTEN_PORT: `${port}`,
      IDENTITY_SEED: (index + 1).toString(16).padStart(64, '0'),
      ...program.env,
      ...options.bootstrap,
    },
  })
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  child.once('error', failed.reject)
  const api = program.speak(child.stdout, child.stdin)
  const started = async (): Promise<string> => {
    let peerId: string | null = null
    for await (const event of api.events({ since: 0, signal: options.signal })) {
      if (event.event === 'start') peerId = event.peer
      if (event.event === 'listening' && peerId !== null) return peerId
    }
    throw new Error(`${command} ended before it listened: npm run peers builds what is not there`)
  }
  return {
    peerId: await Promise.race([started(), failed.promise]),
    api,
    process: child,
    usage: async () => usageOf(child.pid ?? 0),
  }
}

/** Clock ticks a second and bytes in a page, as Linux has them on every machine that Node runs on. */
const TICK_MS = 10
const PAGE_BYTES = 4096

/** Reads `/proc/<pid>/stat` (proc_pid_stat(5)): utime and stime are fields 14 and 15, rss is field 24. */
async function usageOf(pid: number): Promise<{ cpuMs: number; residentBytes: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [user = 0, system = 0] = fields.slice(11, 13)
  return { cpuMs: (user + system) * TICK_MS, residentBytes: (fields[21] ?? 0) * PAGE_BYTES }
}
