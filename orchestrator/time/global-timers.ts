import { promisify } from 'node:util'
import { promisedTimers } from './promised-timers.ts'
import { SimTimer, timerDelayMs } from './sim-timer.ts'
import { timeline } from './timeline.ts'

type Callback = (...values: unknown[]) => void

// Taken before any of it is replaced.
const real = {
  setTimeout,
  setInterval,
  setImmediate,
  clearTimeout,
  clearInterval,
  clearImmediate,
}

function simTimer(
  delayMs: number,
  callback: Callback,
  values: unknown[],
  repeats = false,
): SimTimer | null {
  const time = timeline()
  if (time === null) return null
  return new SimTimer(time, { delayMs, repeats, callback: () => callback(...values) })
}

/** Whoever clears a timer need not run in the time in which it was set. */
function clearing(clearReal: (timer: never) => void): (timer: unknown) => void {
  return (timer) => {
    if (timer instanceof SimTimer) timer.close()
    else clearReal(timer as never)
  }
}

/** The global timers, in simulated time for those who run in it. */
export const globalTimers = {
  setTimeout: Object.assign(
    (callback: Callback, delay?: number, ...values: unknown[]) =>
      simTimer(timerDelayMs(delay), callback, values) ??
      real.setTimeout(callback, delay, ...values),
    { [promisify.custom]: promisedTimers.setTimeout },
  ),
  setInterval: (callback: Callback, delay?: number, ...values: unknown[]) =>
    simTimer(timerDelayMs(delay), callback, values, true) ??
    real.setInterval(callback, delay, ...values),
  setImmediate: Object.assign(
    (callback: Callback, ...values: unknown[]) =>
      simTimer(0, callback, values) ?? real.setImmediate(callback, ...values),
    { [promisify.custom]: promisedTimers.setImmediate },
  ),
  clearTimeout: clearing(real.clearTimeout),
  clearInterval: clearing(real.clearInterval),
  clearImmediate: clearing(real.clearImmediate),
}
