import type { NodeEvent } from '#node/events/node-event.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import type { VariantPicture } from './picture.ts'

/** An event of a node, and where it stands among all events of the run. */
export interface PlacedEvent {
  /** How many events came before it. */
  index: number
  atMs: number
  node: string
  event: NodeEvent
}

/** What the nodes of a variant said, in order. */
export function nodeEventsOf(events: readonly RunEvent[], variant: string): PlacedEvent[] {
  let last: string | null = null
  return events.flatMap((event, index) => {
    if (event.type === 'variant-start') last = event.variant
    // A lab that stays up talks on after the last variant.
    return event.type === 'node-event' && (event.variant ?? last) === variant
      ? [{ index, atMs: event.atMs, node: event.node, event: event.event }]
      : []
  })
}

/** The very events of a pair: what each of the two said of the other. */
export function pairEvents(
  events: readonly RunEvent[],
  { name, nodes }: VariantPicture,
  pair: { observer: string; target: string },
): PlacedEvent[] {
  const idOf = (node: string): string | undefined =>
    nodes.find(({ plan }) => plan.name === node)?.plan.peerId
  const [observerId, targetId] = [idOf(pair.observer), idOf(pair.target)]
  return nodeEventsOf(events, name).filter(({ node, event }) => {
    const peer = 'peer' in event && event.event !== 'start' ? event.peer : null
    if (node === pair.observer) return peer !== null && peer === targetId
    return node === pair.target && peer !== null && peer === observerId
  })
}
