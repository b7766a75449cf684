import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { bundle } from '../../pack/bundle.ts'
import { startCrew } from './crew.ts'
import { createKeys, runParallel, runSequence, type Sequence, untilListed } from './load.ts'
import type { ProgramName } from './programs.ts'

/** What was measured of one program at one number of peers. */
export interface Measured {
  program: ProgramName
  peers: number
  /** From the last start until each peer lists the others; of more than 16, 15 others. */
  joinedMs: number
  sequence: Sequence
  /** The same with one listed peer that has stopped answering (SIGSTOP), from a second after it stopped. */
  oneStopped: Sequence
  parallel: Awaited<ReturnType<typeof runParallel>>
}

export interface KvBenchOptions {
  programs: readonly ProgramName[]
  /** Numbers of peers. */
  sizes: readonly number[]
  /** Rounds of a sequence: a put and three gets each. */
  rounds: number
  signal: AbortSignal
  onProgress: (line: string) => void
}

const JOIN_LIMIT_MS = 60_000
const SEQUENCE_LIMIT_MS = 40_000
/** What peers do on their own after joining is over by then. */
const SETTLE_MS = 1000
const WARM_UP_MS = 8000
/** A second after a peer has stopped answering, calls should be as quick as before. */
const STOPPED_MS = 1000
const PARALLEL = { inFlight: 64, lastMs: 4000 }

/** Measures each program at each number of peers, one after the other, so that nothing disturbs it but itself. */
export async function measureKv(options: KvBenchOptions): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kadlab-bench-'))
  const measured: Measured[] = []
  try {
    await bundle(folder)
    for (const peers of options.sizes) {
      for (const program of options.programs) {
        const since = performance.now()
        measured.push(await measureProgram(program, peers, folder, options))
        const tookS = ((performance.now() - since) / 1000).toFixed(0)
        options.onProgress(`${program}, ${peers} peers: measured in ${tookS} s`)
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return measured
}

async function measureProgram(
  program: ProgramName,
  count: number,
  folder: string,
  { rounds, signal }: KvBenchOptions,
): Promise<Measured> {
  await using crew = await startCrew(program, count, { bundle: folder, signal })
  const { peers } = crew
  const joinedMs = await untilListed(peers, Math.min(count - 1, 15), JOIN_LIMIT_MS)
  await delay(SETTLE_MS, undefined, { signal })
  const keys = createKeys()
  const [first] = peers
  if (first === undefined) throw new Error('expected at least one peer')
  const load = { rounds, limitMs: SEQUENCE_LIMIT_MS, signal }
  // What compiles as it runs is measured as it goes on, not as it starts.
  await runSequence(peers, keys, { ...load, limitMs: WARM_UP_MS })
  const sequence = await runSequence(peers, keys, load)
  const parallel = await runParallel(first, keys, { ...PARALLEL, signal })
  const oneStopped = await withOneStopped(peers.at(-1), async () => {
    const others = peers.slice(0, -1)
    await runSequence(others, keys, { ...load, limitMs: STOPPED_MS })
    return runSequence(others, keys, load)
  })
  return { program, peers: count, joinedMs: Math.round(joinedMs), sequence, oneStopped, parallel }
}

async function withOneStopped<Result>(
  peer: { process: { kill(signal: NodeJS.Signals): boolean } } | undefined,
  run: () => Promise<Result>,
): Promise<Result> {
  peer?.process.kill('SIGSTOP')
  try {
    return await run()
  } finally {
    peer?.process.kill('SIGCONT')
  }
}
