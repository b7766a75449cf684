import { setImmediate } from 'node:timers/promises'
import type { Clock, Timer } from '#node/time/clock.ts'

interface ManualTimer {
  dueMs: number
  order: number
  callback: () => void
}

/** A clock that stands still until it is moved on. */
export class ManualClock implements Clock {
  #nowMs: number
  #order = 0
  readonly #timers = new Set<ManualTimer>()

  constructor(startMs = 0) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  /** Timers that are set. */
  pending(): number {
    return this.#timers.size
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: Timer): void {
    this.#timers.delete(timer as ManualTimer)
  }

  /** Runs, in order, all timers that are due within the next `ms`, with everything that follows from each. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    for (;;) {
      // All promise callbacks that wait run before an immediate does.
      await setImmediate()
      const next = this.#next(untilMs)
      if (next === null) break
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.callback()
    }
    this.#nowMs = untilMs
    await setImmediate()
  }

  #next(untilMs: number): ManualTimer | null {
    let next: ManualTimer | null = null
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue
      if (next === null || timer.dueMs < next.dueMs) next = timer
      else if (timer.dueMs === next.dueMs && timer.order < next.order) next = timer
    }
    return next
  }
}
