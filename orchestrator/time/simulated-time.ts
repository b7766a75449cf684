import { KadlabError } from '#node/base/errors.ts'
import type { Clock } from '#node/time/clock.ts'
import { EventHeap } from './event-heap.ts'
import { replaceGlobals } from './globals.ts'
import { onTimeline, type SimulatedEvent, type Timeline } from './timeline.ts'

export interface SimulatedTimeOptions {
  /** What `Math.random` and random bytes are made of while time is simulated: from 0 up to 1, 1 excluded. */
  random: () => number
  /** What `Date` shows at the start, in milliseconds since the epoch. Default: the beginning of 2026. */
  epochMs?: number
}

/** Whoever waits within simulated time waits for something that will never happen. */
export class SimulationStalledError extends KadlabError {
  static override readonly name = 'SimulationStalledError'
}

const DEFAULT_EPOCH_MS = Date.UTC(2026, 0, 1)

// Taken before any simulated time replaces it.
const nextTurn = setImmediate

/**
 * Time that passes only when nothing is left to do.
 *
 * Whatever runs within it (`run`), and all that follows from that, takes timers, dates and random numbers from here and
 * not from the system: `globals.ts` puts stand-ins in the place of the global ones, and they ask in whose time their
 * caller runs. Code outside of it, in the same process and at the same moment, keeps real time.
 *
 * One event happens in one turn of the event loop, so whatever it set going (promises, `process.nextTick`) has come to
 * rest before the next one, and before time passes. That holds for all that runs on this thread; what does not (reading
 * a file, loading a module) must be held by `holdTime`. A node in the sim does nothing of the kind once it is made: its
 * cryptography is synchronous, its disk is a memory.
 */
export class SimulatedTime implements Timeline {
  readonly random: () => number
  readonly clock: Clock
  readonly originMs: number
  readonly #events = new EventHeap<SimulatedEvent>()
  readonly #stalled = Promise.withResolvers<never>()
  #nowMs: number
  #holds = 0
  #isTurning = false
  #isOver = false

  constructor({ random, epochMs = DEFAULT_EPOCH_MS }: SimulatedTimeOptions) {
    this.random = random
    this.originMs = epochMs
    this.#nowMs = epochMs
    this.#stalled.promise.catch(() => undefined)
    this.clock = {
      now: () => this.#nowMs,
      setTimeout: (callback, delayMs) => this.after(delayMs, callback),
      clearTimeout: (timer) => this.cancel(timer as SimulatedEvent),
    }
  }

  now(): number {
    return this.#nowMs
  }

  after(delayMs: number, action: () => void): SimulatedEvent {
    const event: SimulatedEvent = { action }
    if (this.#isOver) return event
    this.#events.push(this.#nowMs + Math.max(0, delayMs), event)
    this.#goOn()
    return event
  }

  cancel(event: SimulatedEvent): void {
    event.action = null
  }

  async hold<T>(work: Promise<T>): Promise<T> {
    this.#holds += 1
    try {
      return await work
    } finally {
      this.#holds -= 1
      this.#goOn()
    }
  }

  /**
   * Runs `body` in this time, which begins and ends with it: events that are left over never happen. Once only.
   *
   * @throws what `body` throws, and SimulationStalledError where it waits and nothing is left that could happen
   */
  async run<T>(body: () => Promise<T>): Promise<T> {
    using _replaced = replaceGlobals()
    try {
      const running = onTimeline(this, body)
      this.#goOn()
      return await Promise.race([running, this.#stalled.promise])
    } finally {
      this.#isOver = true
      this.#events.clear()
    }
  }

  #goOn(): void {
    if (this.#isTurning || this.#isOver || this.#holds > 0) return
    this.#isTurning = true
    nextTurn(this.#turn)
  }

  readonly #turn = (): void => {
    this.#isTurning = false
    if (this.#isOver || this.#holds > 0) return
    try {
      this.#happen()
    } finally {
      // An event's error is an uncaught exception, as a timer's is; the others happen all the same.
      this.#goOn()
    }
  }

  /** The next event happens; time jumps to its moment. */
  #happen(): void {
    while (this.#events.size > 0) {
      const { nextMs } = this.#events
      const event = this.#events.pop()
      const action = event?.action
      if (event === undefined || action === null || action === undefined) continue
      event.action = null
      this.#nowMs = nextMs
      return onTimeline(this, action)
    }
    this.#isOver = true
    this.#stalled.reject(
      new SimulationStalledError(
        `nothing is left to happen after ${this.#nowMs - this.originMs} ms of simulated time, and the run has not ended: ` +
          'it waits for something outside of it, or for nothing at all',
      ),
    )
  }
}
