import { describeError } from '../base/errors.ts'
import type { Clock } from '../time/clock.ts'
import { ticks } from '../time/delay.ts'
import type { Observer, ObserverComponents } from './observer.ts'

export interface DialableWatchComponents {
  observer: Pick<Observer, 'dialBack'>
  clock: Clock
  log: ObserverComponents['log']
}

/**
 * Dials listed peers back at an interval, so that who became unreachable is known before somebody needs it.
 *
 * @param options.intervalMs null: never
 */
export function watchDialable(
  { observer, clock, log }: DialableWatchComponents,
  { intervalMs }: { intervalMs: number | null },
): { start: () => void; stop: () => Promise<void> } {
  const stopping = new AbortController()
  const { signal } = stopping
  let running: Promise<void> | null = null

  const run = async (everyMs: number): Promise<void> => {
    for await (const _tick of ticks(clock, everyMs, signal)) {
      try {
        await observer.dialBack({ again: true, signal })
      } catch (error) {
        if (!signal.aborted) log.debug({ error: describeError(error) }, 'a dial-back failed')
      }
    }
  }

  return {
    start() {
      if (intervalMs !== null && !signal.aborted) running ??= run(intervalMs)
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
