import type { RunEvent } from '#orchestrator/run/events.ts'
import { EMPTY_PICTURE, type RunPicture } from './picture.ts'
import { reduce } from './reduce.ts'

/** Events between two pictures that are kept: what a jump to a moment costs at most. */
const STRIDE = 250

/** All events of a run so far, and the picture after any of them. */
export class History {
  readonly #events: RunEvent[] = []
  /** The picture before the events 0, STRIDE, 2 × STRIDE and so on. */
  readonly #kept: RunPicture[] = [EMPTY_PICTURE]
  #newest: RunPicture = EMPTY_PICTURE

  get events(): readonly RunEvent[] {
    return this.#events
  }

  /** After all events. */
  get newest(): RunPicture {
    return this.#newest
  }

  push(event: RunEvent): void {
    this.#events.push(event)
    this.#newest = reduce(this.#newest, event)
    if (this.#events.length % STRIDE === 0) this.#kept.push(this.#newest)
  }

  /** The picture after the first `count` events, from 0 to all. */
  after(count: number): RunPicture {
    const wanted = Math.max(0, Math.min(this.#events.length, Math.trunc(count)))
    if (wanted === this.#events.length) return this.#newest
    const kept = Math.floor(wanted / STRIDE)
    return this.#events
      .slice(kept * STRIDE, wanted)
      .reduce(reduce, this.#kept[kept] ?? EMPTY_PICTURE)
  }

  /** How many events had come by a time of the run, those of that very millisecond with them. */
  countAt(atMs: number): number {
    let [low, high] = [0, this.#events.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#events[middle]?.atMs ?? 0) <= atMs) low = middle + 1
      else high = middle
    }
    return low
  }
}
