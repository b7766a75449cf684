const firstTimeoutMs = 1000
/** Linux's bounds, TCP_RTO_MIN and TCP_RTO_MAX. */
const minTimeoutMs = 200
const maxTimeoutMs = 120_000

/** When to send again what was not acknowledged: RFC 6298, with Linux's bounds. */
export class RetransmissionTimeout {
  #timeoutMs = firstTimeoutMs
  #smoothedMs: number | null = null
  #variationMs = 0
  #retries = 0

  get timeoutMs(): number {
    return this.#timeoutMs
  }

  /** Timeouts in a row. */
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
    this.#timeoutMs = clamp(this.#smoothedMs + 4 * this.#variationMs)
  }

  /** Something new was acknowledged. */
  progressed(): void {
    this.#retries = 0
  }

  /** Nothing came in time: the next wait is twice as long. */
  expired(): void {
    this.#retries += 1
    this.#timeoutMs = clamp(this.#timeoutMs * 2)
  }
}

function clamp(timeoutMs: number): number {
  return Math.min(maxTimeoutMs, Math.max(minTimeoutMs, timeoutMs))
}
