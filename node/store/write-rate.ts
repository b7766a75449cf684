import type { Clock } from '../time/clock.ts'

/** Peers whose writes are counted; who has not written for a second is forgotten first. */
const MAX_PEERS = 10_000

/** How many writes each peer may make: `perSecond`, of which a second's may come at once. */
export class WriteRate {
  readonly #clock: Clock
  readonly #perSecond: number
  /** What each peer may still write, and when that was so. */
  readonly #left = new Map<string, { writes: number; at: number }>()

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
  }

  /** Counts a write of a peer; false where it has made too many. */
  take(peer: string): boolean {
    const now = this.#clock.now()
    const before = this.#left.get(peer) ?? { writes: this.#perSecond, at: now }
    const gained = ((now - before.at) / 1000) * this.#perSecond
    const writes = Math.min(this.#perSecond, before.writes + gained)
    // The last one to write is the last one that is forgotten.
    this.#left.delete(peer)
    this.#left.set(peer, { writes: writes < 1 ? writes : writes - 1, at: now })
    const [oldest] = this.#left.keys()
    if (this.#left.size > MAX_PEERS && oldest !== undefined) this.#left.delete(oldest)
    return writes >= 1
  }
}
