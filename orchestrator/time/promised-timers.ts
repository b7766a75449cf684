import timersPromises from 'node:timers/promises'
import { timerDelayMs } from './sim-timer.ts'
import { type Timeline, timeline } from './timeline.ts'

interface PauseOptions {
  signal?: AbortSignal
}

// Taken before any of it is replaced.
const real = { ...timersPromises }
const realWait = timersPromises.scheduler.wait.bind(timersPromises.scheduler)

async function pause<T>(
  time: Timeline,
  delayMs: number,
  value: T,
  options?: PauseOptions,
): Promise<T> {
  const { signal } = options ?? {}
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const event = time.after(delayMs, () => resolve(value))
  const giveUp = (): void => reject(signal?.reason as Error)
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    return await promise
  } finally {
    time.cancel(event)
    signal?.removeEventListener('abort', giveUp)
  }
}

/** `node:timers/promises`, in simulated time for those who run in it. */
export const promisedTimers = {
  setTimeout: async <T>(delay?: number, value?: T, options?: PauseOptions) => {
    const time = timeline()
    if (time === null) return real.setTimeout(delay, value, options)
    return pause(time, timerDelayMs(delay), value, options)
  },
  setImmediate: async <T>(value?: T, options?: PauseOptions) => {
    const time = timeline()
    return time === null ? real.setImmediate(value, options) : pause(time, 0, value, options)
  },
  setInterval: async function* <T>(delay?: number, value?: T, options?: PauseOptions) {
    const time = timeline()
    if (time === null) return yield* real.setInterval(delay, value, options)
    for (;;) yield await pause(time, timerDelayMs(delay), value, options)
  },
}

/** `scheduler.wait`, likewise. */
export async function schedulerWait(delayMs: number, options?: PauseOptions): Promise<void> {
  const time = timeline()
  if (time === null) return realWait(delayMs, options)
  return pause(time, timerDelayMs(delayMs), undefined, options)
}
