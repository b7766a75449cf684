import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#node/time/clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on, calling what falls due in order, with everything that follows from it. */
  advance(byMs: number): Promise<void>
  /** Timers that are set. */
  pending(): number
}

/** A clock that stands still until it is told. */
export function createManualClock(startMs = 1_000_000): ManualClock {
  const timers = new Map<object, { at: number; callback: () => void }>()
  let now = startMs
  return {
    now: () => now,
    pending: () => timers.size,
    setTimeout(callback, delayMs) {
      const timer = {}
      timers.set(timer, { at: now + delayMs, callback })
      return { timer }
    },
    clearTimeout: ({ timer }) => void timers.delete(timer as object),
    async advance(byMs) {
      const end = now + byMs
      for (;;) {
        await setImmediate()
        const next = [...timers].toSorted(([, a], [, b]) => a.at - b.at)[0]
        if (next === undefined || next[1].at > end) break
        timers.delete(next[0])
        now = next[1].at
        next[1].callback()
      }
      now = end
      await setImmediate()
    },
  }
}
