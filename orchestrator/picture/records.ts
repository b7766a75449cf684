import type { PlacedEvent } from './event-index.ts'

/** A record that a node holds. */
export interface HeldRecord {
  key: string
  /** Peer id of who sent it last; null where the node wrote it itself. */
  from: string | null
  /** When it came last. */
  atMs: number
  /** Number of the event with which it came last. */
  index: number
  /** How often it came. */
  times: number
}

/**
 * The records of a node, the newest first, of what it said. A process that starts anew is not known to hold what the one
 * before it held.
 */
export function recordsOf(said: readonly PlacedEvent[]): HeldRecord[] {
  const begun = said.findLastIndex(({ event }) => event.event === 'start')
  const records = new Map<string, HeldRecord>()
  for (const { event, atMs, index } of said.slice(begun + 1)) {
    if (event.event !== 'stored') continue
    const { key, from } = event
    const times = (records.get(key)?.times ?? 0) + 1
    records.set(key, { key, from, atMs, index, times })
  }
  return [...records.values()].toSorted((one, other) => other.index - one.index)
}
