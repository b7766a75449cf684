import type { NodeEvent } from '#node/events/node-event.ts'

/** Wakes those who wait for something to happen in a lab. */
export interface Watch {
  /** Counts what has happened: taken before a look, given to `after`, nothing that happens in between is missed. */
  readonly count: number
  /** Tells that a node said something. */
  notify(event: NodeEvent['event']): void
  /** Resolves once one of `events` has happened after `count`; rejects with the signal's reason. */
  after(
    count: number,
    events: ReadonlySet<NodeEvent['event']>,
    options: { signal: AbortSignal },
  ): Promise<void>
}

export function createWatch(): Watch {
  const last = new Map<NodeEvent['event'], number>()
  const waiting = new Set<() => void>()
  let count = 0

  function happened(events: ReadonlySet<NodeEvent['event']>, since: number): boolean {
    return [...events].some((event) => (last.get(event) ?? 0) > since)
  }

  return {
    get count() {
      return count
    },
    notify(event) {
      count += 1
      last.set(event, count)
      for (const wake of waiting) wake()
    },
    async after(since, events, { signal }) {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const wake = (): void => {
        if (happened(events, since)) resolve()
      }
      const giveUp = (): void => reject(signal.reason as Error)
      waiting.add(wake)
      signal.addEventListener('abort', giveUp, { once: true })
      try {
        wake()
        await promise
      } finally {
        waiting.delete(wake)
        signal.removeEventListener('abort', giveUp)
      }
    },
  }
}
