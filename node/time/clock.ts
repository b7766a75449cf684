/** A running timer of a clock; opaque. */
export type Timer = object

/** Time as all code sees it: the system's, or simulated. Whatever waits or measures takes one. */
export interface Clock {
  /** Milliseconds since the epoch, with fractions; never goes back. */
  now(): number
  /** Calls `callback` once, `delayMs` or more from now. A delay of 0 is the next turn of the event loop. */
  setTimeout(callback: () => void, delayMs: number): Timer
  /** Ends a timer that has not run yet; otherwise does nothing. */
  clearTimeout(timer: Timer): void
}

type SystemTimer =
  | { kind: 'timeout'; handle: NodeJS.Timeout }
  | { kind: 'immediate'; handle: NodeJS.Immediate }

/**
 * Real time. A step of the machine's clock does not reach it, so durations are true. Immediates instead of timers of
 * 0 ms, which Node rounds up to 1 ms.
 */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (callback, delayMs): SystemTimer =>
    delayMs <= 0
      ? { kind: 'immediate', handle: setImmediate(callback) }
      : { kind: 'timeout', handle: setTimeout(callback, delayMs) },
  clearTimeout: (timer) => {
    const { kind, handle } = timer as SystemTimer
    if (kind === 'immediate') clearImmediate(handle)
    else clearTimeout(handle)
  },
}
