import type { Timer, Clock } from '#node/time/clock.ts'
import { EventHeap } from '#orchestrator/time/event-heap.ts'

/** Hosts that answer each other at once, over links without latency, must not keep the event loop to themselves. */
const maxBatch = 1000

/**
 * The order of everything that happens on a simulated network: a heap of events behind one timer of the clock.
 *
 * An event runs at its own moment even where the timer fires late, so a packet over three links of 1 ms takes 3 ms of
 * network time and, mostly, one or two timers.
 */
export class Scheduler {
  readonly #clock: Clock
  readonly #heap = new EventHeap<() => void>()
  #timer: Timer | null = null
  #timerDueMs = Number.POSITIVE_INFINITY
  #runningMs: number | null = null
  #stopped = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Network time in milliseconds: the moment of the running event, or else the clock's. */
  now(): number {
    return this.#runningMs ?? this.#clock.now()
  }

  /** Runs `action` at `dueMs`, or as soon as possible where that has passed. */
  at(dueMs: number, action: () => void): void {
    if (this.#stopped) return
    this.#heap.push(dueMs, action)
    if (this.#runningMs === null) this.#arm()
  }

  /** Drops whatever is scheduled, and all that comes later. */
  stop(): void {
    this.#stopped = true
    this.#heap.clear()
    this.#disarm()
  }

  #arm(): void {
    const dueMs = this.#heap.nextMs
    if (dueMs >= this.#timerDueMs) return
    this.#disarm()
    this.#timerDueMs = dueMs
    const delayMs = Math.max(0, dueMs - this.#clock.now())
    this.#timer = this.#clock.setTimeout(() => this.#run(), delayMs)
  }

  #disarm(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer)
    this.#timer = null
    this.#timerDueMs = Number.POSITIVE_INFINITY
  }

  #run(): void {
    this.#disarm()
    const untilMs = this.#clock.now()
    try {
      for (let count = 0; count < maxBatch; count++) {
        const dueMs = this.#heap.nextMs
        if (dueMs > untilMs) break
        this.#runningMs = dueMs
        this.#heap.pop()?.()
      }
    } finally {
      this.#runningMs = null
      this.#arm()
    }
  }
}
