import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '#orchestrator/run/events.ts'
import type { FabricName } from '#orchestrator/scenario/fabrics.ts'
import { type Figure, figure } from './figures/figure.ts'

/** Runs the whole command as a user types it, from Enter to prompt, and reads what it tells of itself. */
export async function measureCommand(
  fabric: FabricName,
  runs: number,
  targetMs: number,
  signal: AbortSignal,
): Promise<Figure[]> {
  const wholeMs: number[] = []
  const listedMs: number[] = []
  for (let count = 0; count <= runs; count += 1) {
    signal.throwIfAborted()
    const folder = await mkdtemp(join(tmpdir(), 'kadlab-bench-'))
    try {
      const startedMs = performance.now()
      await npm(['run', 'scenario', 'nat-two-nodes', '--', '--fabric', fabric, '--report', folder])
      // The first one warms images and caches.
      if (count === 0) continue
      wholeMs.push(performance.now() - startedMs)
      const events = await readFile(join(folder, 'events.ndjson'), 'utf8')
      listedMs.push(
        listedAfterMs(
          events
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as RunEvent),
        ),
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return [
    figure(
      `${fabric}: nat-two-nodes with all variants, the whole command`,
      'ms',
      wholeMs,
      targetMs,
    ),
    figure(`${fabric}: B listed at A after B's process is up`, 'ms', listedMs, 300),
  ]
}

/** Of the variant in which A lists B: from B's start event to A's listing. */
function listedAfterMs(events: readonly RunEvent[]): number {
  let peerOfB = ''
  let startedAt = Number.NaN
  for (const each of events) {
    if (each.type === 'variant-start' && each.variant === 'fixed') startedAt = Number.NaN
    if (each.type !== 'node-event') continue
    if (each.node === 'B' && each.event.event === 'listening' && Number.isNaN(startedAt)) {
      startedAt = each.atMs
    }
    if (each.node === 'B' && each.event.event === 'start') {
      peerOfB = each.event.peer
      startedAt = Number.NaN
    }
    const { event } = each
    if (each.node === 'A' && event.event === 'listed' && event.peer === peerOfB) {
      return each.atMs - startedAt
    }
  }
  throw new Error('expected a run in which A lists B; the events tell of none')
}

async function npm(words: string[]): Promise<void> {
  const child = spawn('npm', words, { stdio: ['ignore', 'ignore', 'inherit'] })
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('error', reject)
  child.once('close', resolve)
  const status = await promise
  if (status !== 0) throw new Error(`npm ${words.join(' ')} ended with status ${status}`)
}
