import type { AbortOptions } from '../base/abort-options.ts'
import type { NodeEvent, NodeEventBody } from './node-event.ts'

/** From where a listener wants to hear. */
export interface EventsOptions extends AbortOptions {
  /** Replay events with a sequence number above this one, as far as they are held. Default: none. */
  since?: number
}

/**
 * Events held for those who come late: some minutes of a busy node, and less than 1 MB. A reader that falls further
 * behind than this misses events, and sees it by a gap in `seq`: nobody's slowness costs the node memory.
 */
export const HELD_EVENTS = 2048

export interface EventLogOptions {
  /** Milliseconds since the node started: what events are stamped with. */
  elapsedMs: () => number
  /** How many events are held. Default `HELD_EVENTS`. */
  capacity?: number
}

/** The events of one node in order: stamped, held in a bounded ring, and handed to any number of readers. */
export class EventLog {
  readonly #elapsedMs: () => number
  readonly #capacity: number
  readonly #held: NodeEvent[] = []
  /** Events that ever came in: the position after the newest. */
  #end = 0
  #seq = 0
  #ended = false
  readonly #waiting = new Set<() => void>()

  constructor(options: EventLogOptions) {
    this.#elapsedMs = options.elapsedMs
    this.#capacity = options.capacity ?? HELD_EVENTS
  }

  /** Stamps an event and hands it to the readers. After `end`, nothing is taken. */
  emit(body: NodeEventBody): void {
    this.#seq += 1
    this.take({ seq: this.#seq, ms: Math.round(this.#elapsedMs()), ...body })
  }

  /** Hands on an event that another process stamped. */
  take(event: NodeEvent): void {
    if (this.#ended) return
    this.#held.push(event)
    this.#end += 1
    if (this.#held.length > this.#capacity) this.#held.shift()
    this.#wake()
  }

  /** Ends every reader once it has read what is held for it. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  /**
   * Events from this call on (or, with `since`, held ones above that sequence number first), until the signal aborts
   * or the log ends. Ends without an error in both cases.
   */
  events(options: EventsOptions = {}): AsyncIterable<NodeEvent> {
    const { since, signal } = options
    const start = since === undefined ? this.#end : this.#positionAfter(since)
    return { [Symbol.asyncIterator]: () => this.#read(start, signal) }
  }

  #positionAfter(seq: number): number {
    const index = this.#held.findIndex((event) => event.seq > seq)
    return index === -1 ? this.#end : this.#end - this.#held.length + index
  }

  // Not a generator: its return() would wait for a pending next(), which may never settle.
  #read(start: number, signal: AbortSignal | undefined): AsyncIterator<NodeEvent> {
    let position = start
    let left = false
    const wake = new Set<() => void>()
    const leave = (): void => {
      left = true
      signal?.removeEventListener('abort', leave)
      for (const each of wake) each()
    }
    if (signal?.aborted === true) left = true
    else signal?.addEventListener('abort', leave)

    const changed = async (): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake.add(resolve)
      this.#waiting.add(resolve)
      await promise
      wake.delete(resolve)
      this.#waiting.delete(resolve)
    }

    return {
      next: async () => {
        for (;;) {
          if (left) return { done: true, value: undefined }
          const oldest = this.#end - this.#held.length
          position = Math.max(position, oldest)
          const event = this.#held[position - oldest]
          if (event !== undefined) {
            position += 1
            return { done: false, value: event }
          }
          if (this.#ended) leave()
          else await changed()
        }
      },
      return: async () => {
        leave()
        return { done: true, value: undefined }
      },
    }
  }

  #wake(): void {
    for (const each of this.#waiting) each()
  }
}
