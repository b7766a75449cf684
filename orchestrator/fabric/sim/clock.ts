/** A running timer of a clock. */
export type ClockTimer = object

/** Where the simulated network takes its time from. */
export interface SimClock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number
  /** Calls `action` once, `delayMs` or more from now. A delay of 0 is the next turn of the event loop. */
  setTimeout(action: () => void, delayMs: number): ClockTimer
  clearTimeout(timer: ClockTimer): void
}

type SystemTimer =
  | { kind: 'timeout'; handle: NodeJS.Timeout }
  | { kind: 'immediate'; handle: NodeJS.Immediate }

/** Real time. Immediates instead of timers of 0 ms, which Node rounds up to 1 ms. */
export const systemClock: SimClock = {
  now: () => performance.now(),
  setTimeout: (action, delayMs): SystemTimer =>
    delayMs <= 0
      ? { kind: 'immediate', handle: setImmediate(action) }
      : { kind: 'timeout', handle: setTimeout(action, delayMs) },
  clearTimeout: (timer) => {
    const { kind, handle } = timer as SystemTimer
    if (kind === 'immediate') clearImmediate(handle)
    else clearTimeout(handle)
  },
}
