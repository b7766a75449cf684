import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '#node/time/clock.ts'

/** Something that happens at a moment of simulated time, unless it is cancelled before. */
export interface SimulatedEvent {
  /** Null once it has happened or was cancelled. */
  action: (() => void) | null
}

/** Simulated time as those see it who run in it. */
export interface Timeline {
  /** The clock for kadlab's own code. */
  readonly clock: Clock
  /** Milliseconds since the epoch, with fractions. */
  now(): number
  /** What `now` was at the start. */
  readonly originMs: number
  /** `action` happens once, `delayMs` from now; after what is due at that moment already. */
  after(delayMs: number, action: () => void): SimulatedEvent
  /** Twice is fine. */
  cancel(event: SimulatedEvent): void
  /** From 0 up to 1, 1 excluded. */
  random(): number
  /** Lets no time pass until `work` has ended. */
  hold<T>(work: Promise<T>): Promise<T>
}

const current = new AsyncLocalStorage<Timeline>()

/** The simulated time in which the caller runs; null in real time. */
export function timeline(): Timeline | null {
  return current.getStore() ?? null
}

/** Calls `body` in simulated time, and whatever follows from it. */
export function onTimeline<T>(time: Timeline, body: () => T): T {
  return current.run(time, body)
}

/** Lets no simulated time pass until `work` of the real world (a module that is loaded) has ended. */
export async function holdTime<T>(work: Promise<T>): Promise<T> {
  return timeline()?.hold(work) ?? work
}
