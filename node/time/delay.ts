import type { AbortOptions } from '../base/abort-options.ts'
import type { Clock } from './clock.ts'

/**
 * Resolves after `delayMs`.
 *
 * @throws the signal's reason where it aborts first.
 */
export async function delay(
  clock: Clock,
  delayMs: number,
  { signal }: AbortOptions = {},
): Promise<void> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = clock.setTimeout(resolve, delayMs)
  const giveUp = (): void => reject(signal?.reason as Error)
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    await promise
  } finally {
    clock.clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}

/**
 * The form of every loop that does something now and again: yields the number of the tick, from 0, after each pause,
 * until the signal aborts. Ends then without an error.
 *
 * @param pauseMs before each tick, in milliseconds, or made from the tick's number; after 0 ms the tick comes at once
 */
export async function* ticks(
  clock: Clock,
  pauseMs: number | ((tick: number) => number),
  signal: AbortSignal,
): AsyncGenerator<number, void, void> {
  for (let tick = 0; !signal.aborted; tick += 1) {
    const ms = typeof pauseMs === 'number' ? pauseMs : pauseMs(tick)
    // It rejects for the signal alone, which ends the loop.
    if (ms > 0) await delay(clock, ms, { signal }).catch(() => {})
    if (signal.aborted) return
    yield tick
  }
}
