import type { NodeEvent } from '#node/events/node-event.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { countWhile } from './count-while.ts'

/** An event of a node, and where it stands among all events of the run. */
export interface PlacedEvent {
  /** How many events came before it. */
  index: number
  atMs: number
  node: string
  event: NodeEvent
}

const NONE: readonly PlacedEvent[] = []

/** What nodes said, by variant, by node, and by whom they spoke of: each list is made once, and grows. */
export class EventIndex {
  readonly #lists = new Map<string, PlacedEvent[]>()
  #index = 0
  #newest: string | null = null

  /** Takes the next event of the run in. */
  push(event: RunEvent): void {
    const index = this.#index++
    if (event.type === 'variant-start') this.#newest = event.variant
    if (event.type !== 'node-event') return
    const { node, atMs } = event
    // A lab that stays up talks on after the last variant.
    const variant = event.variant ?? this.#newest
    const placed = { index, atMs, node, event: event.event }
    const peer = peerOf(event.event)
    this.#add([variant], placed)
    this.#add([variant, node], placed)
    if (peer !== null) this.#add([variant, node, peer], placed)
  }

  /** What the nodes of a variant said, in order. */
  ofVariant(variant: string): readonly PlacedEvent[] {
    return this.#list([variant])
  }

  /** What one node of a variant said. */
  ofNode(variant: string, node: string): readonly PlacedEvent[] {
    return this.#list([variant, node])
  }

  /** What a node said of a peer, by its id. */
  ofPeer(variant: string, node: string, peerId: string): readonly PlacedEvent[] {
    return this.#list([variant, node, peerId])
  }

  #list(key: readonly string[]): readonly PlacedEvent[] {
    return this.#lists.get(JSON.stringify(key)) ?? NONE
  }

  #add(key: readonly (string | null)[], placed: PlacedEvent): void {
    const name = JSON.stringify(key)
    const list = this.#lists.get(name)
    if (list === undefined) this.#lists.set(name, [placed])
    else list.push(placed)
  }
}

/** How many of a list had come when the run had come to `count` events. */
export function countBefore(list: readonly { index: number }[], count: number): number {
  return countWhile(list, ({ index }) => index < count)
}

/** Whom an event is about; a node that starts names itself. */
function peerOf(event: NodeEvent): string | null {
  return 'peer' in event && event.event !== 'start' ? event.peer : null
}
