import type { NodeEvent } from '#node/events/node-event.ts'

/** Events that change what can be found on the DHT. */
export const RECORD_EVENTS: ReadonlySet<NodeEvent['event']> = new Set([
  'stored',
  'listed',
  'identified',
  'ready',
])

/** `1 other peer`, `2 other peers`. */
export function otherPeers(count: number): string {
  return count === 1 ? '1 other peer' : `${count} other peers`
}
