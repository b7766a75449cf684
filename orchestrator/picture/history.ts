import type { RunEvent } from '#orchestrator/run/events.ts'
import { countWhile } from './count-while.ts'
import { EventIndex } from './event-index.ts'
import { EMPTY_PICTURE, type RunPicture } from './picture.ts'
import { reduce } from './reduce.ts'

/** Events between two pictures that are kept: how many a jump to a moment takes in at most. */
export const STRIDE = 250

/** All events of a run so far, and the picture after any of them. */
export class History {
  /** What each node said. */
  readonly index = new EventIndex()
  readonly #events: RunEvent[] = []
  readonly #reduce: typeof reduce
  /** The picture before the events 0, STRIDE, 2 × STRIDE and so on. */
  readonly #kept: RunPicture[] = [EMPTY_PICTURE]
  /** Pictures one after the other from a kept one on: steps back and forth around a moment cost nothing again. */
  #near: { from: number; pictures: RunPicture[] } = { from: 0, pictures: [EMPTY_PICTURE] }
  #newest: RunPicture = EMPTY_PICTURE

  /** @param step - makes the picture after one more event. Default: `reduce` */
  constructor(step: typeof reduce = reduce) {
    this.#reduce = step
  }

  get events(): readonly RunEvent[] {
    return this.#events
  }

  /** After all events. */
  get newest(): RunPicture {
    return this.#newest
  }

  push(event: RunEvent): void {
    this.#events.push(event)
    this.index.push(event)
    this.#newest = this.#reduce(this.#newest, event)
    if (this.#events.length % STRIDE === 0) this.#kept.push(this.#newest)
  }

  /** The picture after the first `count` events, from 0 to all. */
  after(count: number): RunPicture {
    const wanted = Math.max(0, Math.min(this.#events.length, Math.trunc(count)))
    if (wanted === this.#events.length) return this.#newest
    const from = wanted - (wanted % STRIDE)
    if (this.#near.from !== from) {
      this.#near = { from, pictures: [this.#kept[from / STRIDE] ?? EMPTY_PICTURE] }
    }
    const { pictures } = this.#near
    let last = pictures.at(-1) ?? EMPTY_PICTURE
    for (const event of this.#events.slice(from + pictures.length - 1, wanted)) {
      last = this.#reduce(last, event)
      pictures.push(last)
    }
    return pictures[wanted - from] ?? last
  }

  /** How many events had come by a time of the run, those of that very millisecond with them. */
  countAt(atMs: number): number {
    return countWhile(this.#events, (event) => event.atMs <= atMs)
  }
}
