import type { NodeEvent } from '#node/events/node-event.ts'

/** Wakes those who wait for something to happen in a lab. */
export interface Watch {
  /** Counts what has happened: taken before a look, given to `after`, nothing that happens in between is missed. */
  readonly count: number
  /** Tells that a node said something. */
  notify(node: string, event: NodeEvent['event']): void
  /**
   * Resolves once one of `events` has happened after `count`; rejects with the signal's reason.
   *
   * @param options.of whose events count. Default: everybody's
   */
  after(
    count: number,
    events: ReadonlySet<NodeEvent['event']>,
    options: { signal: AbortSignal; of?: readonly string[] },
  ): Promise<void>
}

/** Since when, by event. */
type Counts = Map<NodeEvent['event'], number>

export function createWatch(): Watch {
  const ofAll: Counts = new Map()
  const byNode = new Map<string, Counts>()
  const waiting = new Set<(node: string) => void>()
  let count = 0

  return {
    get count() {
      return count
    },
    notify(node, event) {
      count += 1
      const own = byNode.get(node) ?? new Map()
      byNode.set(node, own.set(event, count))
      ofAll.set(event, count)
      for (const wake of waiting) wake(node)
    },
    async after(since, events, { signal, of }) {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const happened = (counts: Counts | undefined): boolean =>
        counts !== undefined && [...events].some((event) => (counts.get(event) ?? 0) > since)
      const wake = (node: string): void => {
        if (of !== undefined && !of.includes(node)) return
        if (happened(byNode.get(node))) resolve()
      }
      const giveUp = (): void => reject(signal.reason as Error)
      waiting.add(wake)
      signal.addEventListener('abort', giveUp, { once: true })
      try {
        if (of === undefined ? happened(ofAll) : of.some((node) => happened(byNode.get(node))))
          return
        await promise
      } finally {
        waiting.delete(wake)
        signal.removeEventListener('abort', giveUp)
      }
    },
  }
}
