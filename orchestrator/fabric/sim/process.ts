import type { NodeApi } from '#node/api/node-api.ts'
import type { Clock, Timer } from '#node/time/clock.ts'
import { onTimeline, type Timeline, timeline } from '#orchestrator/time/timeline.ts'

/** Something that waits for a process that is paused; a timer of it may still be cleared. */
interface Held {
  action: () => void
  timer: Timer | null
}

/** What packets are handed to by the host that they come to: its kernel goes on where the process does not. */
export interface Application {
  /** Whether something that reaches it now must wait. */
  readonly isBusy: boolean
  /** `action` is the application's own: it happens now, or as soon as it can. */
  run(action: () => void): void
}

/** Code that is never paused, and runs in its caller's time. */
export const UNPAUSED: Application = { isBusy: false, run: (action) => action() }

/**
 * The process that a node's code runs as: whatever reaches it (packets, timers, questions) is handled at once, or where
 * it is paused in its order when it goes on. Its clock shows the time that passes, as a stopped process's does.
 */
export class SimProcess implements Application {
  /** The process's own clock. */
  readonly clock: Clock
  readonly #base: Clock
  /** What its code takes timers, dates and random numbers from; null in real time. */
  readonly #time: Timeline | null
  #held: Held[] = []
  #isPaused = false
  #isGoingOn = false

  /**
   * @param base - the lab's clock, and the simulated time of the caller, if it runs in any
   * @param errorMs - how far the process's clock is ahead of that; default: it is right
   */
  constructor(base: Clock, errorMs = 0) {
    this.#base = base
    this.clock = {
      now: () => base.now() + errorMs,
      setTimeout: (action, delayMs) => {
        const timer = base.setTimeout(() => this.#due(timer, action), delayMs)
        return timer
      },
      clearTimeout: (timer) => {
        base.clearTimeout(timer)
        this.#forget(timer)
      },
    }
    const time = timeline()
    this.#time =
      time === null
        ? null
        : {
            clock: this.clock,
            originMs: time.originMs + errorMs,
            now: () => time.now() + errorMs,
            after: (delayMs, action) => {
              const event = time.after(delayMs, () => this.#due(event, action))
              return event
            },
            cancel: (event) => {
              time.cancel(event)
              this.#forget(event)
            },
            random: () => time.random(),
            hold: (work) => time.hold(work),
          }
  }

  get isBusy(): boolean {
    return this.#isPaused || this.#held.length > 0
  }

  /** Where it is paused, `action` happens when it goes on and has done all that came before. */
  run(action: () => void): void {
    if (this.isBusy) this.#held.push({ action, timer: null })
    else this.#enter(action)
  }

  /** Asks the process something: an answer comes once it goes on. */
  ask<T>(question: () => Promise<T>): Promise<T> {
    if (!this.isBusy) return this.#enter(question)
    return new Promise((resolve, reject) => {
      this.run(() => {
        question().then(resolve, reject)
      })
    })
  }

  /** Handles nothing from now on. Twice is fine. */
  pause(): void {
    this.#isPaused = true
  }

  /** Handles what has come meanwhile, one after the other, and then what comes. Twice is fine. */
  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#goOn()
  }

  /** One thing happens at a moment, as in all of simulated time. */
  #goOn(): void {
    if (this.#isGoingOn || this.#isPaused || this.#held.length === 0) return
    this.#isGoingOn = true
    this.#base.setTimeout(() => {
      this.#isGoingOn = false
      if (this.#isPaused) return
      const next = this.#held.shift()
      try {
        if (next !== undefined) this.#enter(next.action)
      } finally {
        this.#goOn()
      }
    }, 0)
  }

  #due(timer: Timer, action: () => void): void {
    if (this.isBusy) this.#held.push({ action, timer })
    else this.#enter(action)
  }

  /** A timer that is due and waits may still be cleared. */
  #forget(timer: Timer): void {
    if (this.#held.length > 0) this.#held = this.#held.filter((each) => each.timer !== timer)
  }

  #enter<T>(action: () => T): T {
    return this.#time === null ? action() : onTimeline(this.#time, action)
  }
}

/** A node's API whose questions its process answers, and does not while it is paused. */
export function askedThrough(process: SimProcess, api: NodeApi): NodeApi {
  return {
    status: (options) => process.ask(() => api.status(options)),
    peers: (options) => process.ask(() => api.peers(options)),
    discovery: (options) => process.ask(() => api.discovery(options)),
    put: (key, value, options) => process.ask(() => api.put(key, value, options)),
    get: (key, options) => process.ask(() => api.get(key, options)),
    list: (options) => process.ask(() => api.list(options)),
    delete: (key, options) => process.ask(() => api.delete(key, options)),
    provide: (key, options) => process.ask(() => api.provide(key, options)),
    providers: (key, options) => process.ask(() => api.providers(key, options)),
    dial: (address, options) => process.ask(() => api.dial(address, options)),
    ping: (peerId, options) => process.ask(() => api.ping(peerId, options)),
    watch: (key, options) => api.watch(key, options),
    events: (options) => api.events(options),
  }
}
