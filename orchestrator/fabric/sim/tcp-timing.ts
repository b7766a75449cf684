import type { Scheduler } from './scheduler.ts'

const firstTimeoutMs = 1000
/** Linux's bounds, TCP_RTO_MIN and TCP_RTO_MAX. */
const minTimeoutMs = 200
const maxTimeoutMs = 120_000

/**
 * How long to wait for an acknowledgement: RFC 6298, with Linux's bounds. Waits double at each timeout, and are short
 * again with the first byte that gets through: on Linux, timestamps (RFC 7323) tell the round trip of a segment that
 * was sent twice, too.
 */
class RetransmissionTimeout {
  #estimateMs = firstTimeoutMs
  #smoothedMs: number | null = null
  #variationMs = 0
  #doublings = 0
  #retries = 0

  get timeoutMs(): number {
    return clamp(this.#estimateMs * 2 ** this.#doublings)
  }

  /** Timeouts in a row that nothing answered. */
  get retries(): number {
    return this.#retries
  }

  /** A round trip was measured. */
  measured(roundTripMs: number): void {
    if (this.#smoothedMs === null) {
      this.#smoothedMs = roundTripMs
      this.#variationMs = roundTripMs / 2
    } else {
      const deviationMs = Math.abs(this.#smoothedMs - roundTripMs)
      this.#variationMs = 0.75 * this.#variationMs + 0.25 * deviationMs
      this.#smoothedMs = 0.875 * this.#smoothedMs + 0.125 * roundTripMs
    }
    this.#estimateMs = clamp(this.#smoothedMs + 4 * this.#variationMs)
  }

  /** Something new was acknowledged. */
  progressed(): void {
    this.#retries = 0
    this.#doublings = 0
  }

  /** The receiver answered, and took nothing: it is alive, and asking it as often as before is enough. */
  answered(): void {
    this.#retries = 0
  }

  /** Nothing came in time: the next wait is twice as long. */
  expired(): void {
    this.#retries += 1
    if (this.timeoutMs < maxTimeoutMs) this.#doublings += 1
  }
}

/** Tells when to send again what was not acknowledged. */
export class RetransmissionTimer {
  readonly #timeout = new RetransmissionTimeout()
  readonly #scheduler: Scheduler
  readonly #onExpired: () => void
  #deadlineMs = Number.POSITIVE_INFINITY
  #timerMs = Number.POSITIVE_INFINITY

  constructor(scheduler: Scheduler, onExpired: () => void) {
    this.#scheduler = scheduler
    this.#onExpired = onExpired
  }

  get isRunning(): boolean {
    return this.#deadlineMs !== Number.POSITIVE_INFINITY
  }

  /** Expiries in a row without progress. */
  get retries(): number {
    return this.#timeout.retries
  }

  /** Waits the whole timeout from now on. */
  restart(): void {
    this.#deadlineMs = this.#scheduler.now() + this.#timeout.timeoutMs
    this.#arm()
  }

  stop(): void {
    this.#deadlineMs = Number.POSITIVE_INFINITY
  }

  measured(roundTripMs: number): void {
    this.#timeout.measured(roundTripMs)
  }

  progressed(): void {
    this.#timeout.progressed()
  }

  answered(): void {
    this.#timeout.answered()
  }

  /** Events of the scheduler are never taken back: one that comes too early looks at the deadline and waits on. */
  #arm(): void {
    if (this.#deadlineMs >= this.#timerMs) return
    const timerMs = this.#deadlineMs
    this.#timerMs = timerMs
    this.#scheduler.at(timerMs, () => {
      if (this.#timerMs !== timerMs) return
      this.#timerMs = Number.POSITIVE_INFINITY
      if (this.#deadlineMs > timerMs) return this.#arm()
      this.#timeout.expired()
      this.#onExpired()
    })
  }
}

function clamp(timeoutMs: number): number {
  return Math.min(maxTimeoutMs, Math.max(minTimeoutMs, timeoutMs))
}
