import type { Clock } from '../time/clock.ts'
import { ticks } from '../time/delay.ts'
import type { Lookup } from './lookup.ts'

/**
 * When the node looks for its neighbours after it has joined, in milliseconds from then. Peers that join at the same
 * moment ask the bootstrap peer before it lists the others; kad-dht itself asks again only minutes later.
 */
const LOOKUPS_AFTER_MS = [0, 1000, 5000, 20_000]

export interface ExploreComponents {
  lookUp: Lookup
  clock: Clock
}

/** Looks for neighbours a few times after each joining. */
export interface Explore {
  /** Begins anew. */
  begin(): void
  stop(): Promise<void>
}

export function createExplore({ lookUp, clock }: ExploreComponents): Explore {
  let current = new AbortController()
  let running: Promise<void> = Promise.resolve()
  let stopped = false

  const run = async (signal: AbortSignal): Promise<void> => {
    const since = clock.now()
    const dueInMs = (tick: number): number => since + (LOOKUPS_AFTER_MS[tick] ?? 0) - clock.now()
    for await (const tick of ticks(clock, dueInMs, signal)) {
      await lookUp(signal)
      if (tick === LOOKUPS_AFTER_MS.length - 1) return
    }
  }

  return {
    begin() {
      if (stopped) return
      // The run before sees its signal and ends by itself.
      current.abort()
      current = new AbortController()
      running = run(current.signal)
    },
    async stop() {
      stopped = true
      current.abort()
      await running
    },
  }
}
