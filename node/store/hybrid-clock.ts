import type { Clock } from '../time/clock.ts'
import type { Version } from './version.ts'

/** How far before this node's own clock another's may be, in ms: what is written later is refused. */
export const MAX_AHEAD_MS = 5 * 60 * 1000

/** Whoever writes so much in a millisecond goes on in the next. */
const LARGEST_COUNTER = 0xffff_ffff

/**
 * A hybrid logical clock (Kulkarni and others, 2014): the time of day, but never before what was written or seen here.
 * What a node writes after it saw a version is newer than that, however wrong its own clock is.
 */
export class HybridClock {
  readonly #clock: Clock
  readonly #writer: string
  #timeMs = 0
  #counter = 0

  /** @param writer this node's peer id */
  constructor(clock: Clock, writer: string) {
    this.#clock = clock
    this.#writer = writer
  }

  /** The version of what is written now. */
  next(): Version {
    const nowMs = Math.floor(this.#clock.now())
    if (nowMs > this.#timeMs) {
      this.#timeMs = nowMs
      this.#counter = 0
    } else if (this.#counter < LARGEST_COUNTER) this.#counter += 1
    else {
      this.#timeMs += 1
      this.#counter = 0
    }
    return { timeMs: this.#timeMs, counter: this.#counter, writer: this.#writer }
  }

  /** Nothing that this node writes from now on is older. One from too far in the future counts for nothing. */
  saw(version: Version): void {
    if (version.timeMs <= this.#clock.now() + MAX_AHEAD_MS) this.holds(version)
  }

  /**
   * As `saw`, of what this node itself holds, however far in the future: it was not when it was taken, so that it is this
   * node's clock that has gone back.
   */
  holds({ timeMs, counter }: Version): void {
    if (timeMs < this.#timeMs || (timeMs === this.#timeMs && counter < this.#counter)) return
    this.#timeMs = timeMs
    this.#counter = counter
  }
}
