import type { ClockTimer, SimClock } from '#orchestrator/fabric/sim/clock.ts'

interface ManualTimer {
  dueMs: number
  order: number
  action: () => void
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements SimClock {
  #nowMs = 0
  #order = 0
  readonly #timers = new Set<ManualTimer>()

  now(): number {
    return this.#nowMs
  }

  setTimeout(action: () => void, delayMs: number): ClockTimer {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, action }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: ClockTimer): void {
    this.#timers.delete(timer as ManualTimer)
  }

  /** Runs, in order, all timers that are due within the next `ms`, with promises settled in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    for (;;) {
      await settle()
      const next = this.#next(untilMs)
      if (next === null) break
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.action()
    }
    this.#nowMs = untilMs
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

/** All promise callbacks that wait run before an immediate does. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
