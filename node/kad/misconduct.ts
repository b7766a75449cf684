import type { Clock } from '../time/clock.ts'

/** So many in so long are no mistake. */
const MOST = 64
const WITHIN_MS = 10_000
/** Peers that are counted at a time; the one that began first is forgotten first. */
const MAX_PEERS = 10_000

/** Counts by peer what no peer of good will does. */
export class Misconduct {
  readonly #clock: Clock
  readonly #counts = new Map<string, { since: number; count: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Notes one more; true where it was one too many. The peer begins anew then.
   *
   * @param weight as how many it counts
   */
  note(peer: string, weight = 1): boolean {
    const now = this.#clock.now()
    const known = this.#counts.get(peer)
    const current =
      known === undefined || now - known.since > WITHIN_MS ? { since: now, count: 0 } : known
    current.count += weight
    this.#counts.delete(peer)
    if (current.count > MOST) return true
    this.#counts.set(peer, current)
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > MAX_PEERS && oldest !== undefined) this.#counts.delete(oldest)
    return false
  }
}
