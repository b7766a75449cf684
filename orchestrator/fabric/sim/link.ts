import type { LinkPlan } from '#orchestrator/net/link.ts'
import type { Random } from './random.ts'

/** A queue holds this many milliseconds of its link's rate, or `minQueueBytes` where that is more. */
const maxQueueMs = 1000
const minQueueBytes = 256 * 1024

/**
 * One direction of a link, from one interface: latency, jitter, rate and loss.
 *
 * Jitter never reorders what one interface sends to one receiver: a packet waits for the one before it.
 */
export class Link {
  #plan: LinkPlan
  readonly #random: Random
  #maxQueuedMs: number
  /** When the last packet has left the interface. */
  #sentMs = 0
  readonly #lastArrivalMs = new Map<string, number>()

  constructor(plan: LinkPlan, random: Random) {
    this.#plan = plan
    this.#random = random
    this.#maxQueuedMs = longestQueueMs(plan)
  }

  /** From now on packets meet another link, with an empty queue; what is on the way arrives as it would have. */
  shape(plan: LinkPlan): void {
    this.#plan = plan
    this.#maxQueuedMs = longestQueueMs(plan)
    this.#sentMs = 0
    this.#lastArrivalMs.clear()
  }

  /** When a packet sent at `nowMs` arrives at `receiver`; null where it is lost, or the queue is full. */
  arrival(receiver: string, bytes: number, nowMs: number): number | null {
    const { latencyMs, jitterMs, rateBps, loss } = this.#plan
    let leavesMs = nowMs
    if (rateBps !== null) {
      const startMs = Math.max(nowMs, this.#sentMs)
      if (startMs - nowMs > this.#maxQueuedMs) return null
      leavesMs = startMs + transmissionMs(bytes, rateBps)
      this.#sentMs = leavesMs
    }
    if (loss > 0 && this.#random.fraction() < loss) return null
    const jitter = jitterMs > 0 ? (this.#random.fraction() * 2 - 1) * jitterMs : 0
    const earliestMs = leavesMs + Math.max(0, latencyMs + jitter)
    if (jitterMs === 0) return earliestMs
    const arrivesMs = Math.max(earliestMs, this.#lastArrivalMs.get(receiver) ?? 0)
    this.#lastArrivalMs.set(receiver, arrivesMs)
    return arrivesMs
  }
}

function longestQueueMs({ rateBps }: LinkPlan): number {
  return rateBps === null ? 0 : Math.max(maxQueueMs, transmissionMs(minQueueBytes, rateBps))
}

function transmissionMs(bytes: number, rateBps: number): number {
  return (bytes * 8 * 1000) / rateBps
}
