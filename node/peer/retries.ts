import { backoffMs } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'
import { delay } from '../time/delay.ts'

export interface RetriesComponents {
  clock: Clock
  /** Numbers from 0 to below 1. */
  random: () => number
}

/** How long to wait before each try, in milliseconds. */
export interface Pauses {
  firstMs: number
  maxMs: number
}

/** Things that are tried again, with growing pauses, until they are done or nobody wants them any more; each has a name. */
export interface Retries {
  /** Tries after the first pause, and again until `act` returns true. One that is under way already stays as it is. */
  begin(name: string, pauses: Pauses, act: (signal: AbortSignal) => Promise<boolean>): void
  /** Nothing of that name is tried any more. */
  end(name: string): void
  stop(): Promise<void>
}

export function createRetries({ clock, random }: RetriesComponents): Retries {
  const running = new Map<string, { unwanted: AbortController; promise: Promise<void> }>()
  const stopping = new AbortController()

  const run = async (
    { firstMs, maxMs }: Pauses,
    act: (signal: AbortSignal) => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<void> => {
    for (let tries = 0; !signal.aborted; tries += 1) {
      const pauseMs = backoffMs(tries, { firstMs, maxMs, random })
      await delay(clock, pauseMs, { signal }).catch(() => {})
      if (signal.aborted || (await act(signal))) return
    }
  }

  return {
    begin(name, pauses, act) {
      if (stopping.signal.aborted || running.has(name)) return
      const unwanted = new AbortController()
      const entry = { unwanted, promise: Promise.resolve() }
      running.set(name, entry)
      const signal = AbortSignal.any([stopping.signal, unwanted.signal])
      entry.promise = run(pauses, act, signal)
        .catch(() => {})
        .finally(() => {
          if (running.get(name) === entry) running.delete(name)
        })
    },
    end(name) {
      running.get(name)?.unwanted.abort()
      running.delete(name)
    },
    async stop() {
      stopping.abort()
      await Promise.all([...running.values()].map(({ promise }) => promise))
    },
  }
}
