import type { SimulatedEvent, Timeline } from './timeline.ts'

/** The longest delay of a timer of Node; a longer one counts as 1 ms. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** A timer of simulated time, with the face of Node's `Timeout` and `Immediate`. */
export class SimTimer {
  readonly #time: Timeline
  readonly #callback: () => void
  readonly #delayMs: number
  readonly #repeats: boolean
  #event: SimulatedEvent

  constructor(
    time: Timeline,
    options: { delayMs: number; repeats: boolean; callback: () => void },
  ) {
    this.#time = time
    this.#callback = options.callback
    this.#delayMs = options.delayMs
    this.#repeats = options.repeats
    this.#event = this.#arm()
  }

  /** Simulated time ends with its run, whatever timers are left. */
  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }

  refresh(): this {
    this.#time.cancel(this.#event)
    this.#event = this.#arm()
    return this
  }

  close(): this {
    this.#time.cancel(this.#event)
    return this
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #arm(): SimulatedEvent {
    return this.#time.after(this.#delayMs, () => {
      if (this.#repeats) this.#event = this.#arm()
      this.#callback()
    })
  }
}

/** A delay as Node takes it: whole milliseconds, 1 at least, and 1 where it is no number or too long. */
export function timerDelayMs(delay: unknown): number {
  const delayMs = Number(delay)
  return delayMs >= 1 && delayMs <= MAX_DELAY_MS ? Math.trunc(delayMs) : 1
}
