import type { Clock } from '../time/clock.ts'

/** How long nobody is called late, however quickly others answer: a garbage collection, a busy machine. */
const LEAST_LATE_MS = 50
/** A peer is late at so many times of what answers take otherwise. */
const LATE_FACTOR = 4
/** How long nobody is called stalled. */
const LEAST_STALLED_MS = 500
const STALLED_FACTOR = 20
/** Of each new answer time in the mean. */
const SHARE = 0.1
/** A stalled peer is asked again after so long, beside others, to learn whether it is back. */
const TRY_AGAIN_MS = 1000

/** A peer that owes an answer. */
interface Silence {
  /** Since when the oldest question is unanswered. */
  since: number
  /** When it was asked last. */
  askedAt: number
  /** Questions that are under way. */
  open: number
}

/** Which peers answer, and how quickly: who has not answered for long is not waited for by anybody else. */
export class Pace {
  readonly #clock: Clock
  readonly #isAway: (name: string) => boolean
  readonly #silent = new Map<string, Silence>()
  #meanMs = 10

  /** @param isAway true for a peer of which it is known without a question that it does not answer now */
  constructor(clock: Clock, isAway: (name: string) => boolean = () => false) {
    this.#clock = clock
    this.#isAway = isAway
  }

  /** From when on a question counts as late: another peer is asked beside. */
  get lateMs(): number {
    return Math.max(LEAST_LATE_MS, LATE_FACTOR * this.#meanMs)
  }

  /** A question is sent to the peer of that name. */
  asked(name: string): void {
    const now = this.#clock.now()
    const silence = this.#silent.get(name) ?? { since: now, askedAt: now, open: 0 }
    silence.askedAt = now
    silence.open += 1
    this.#silent.set(name, silence)
  }

  /** A question was answered after `tookMs`, or refused: the peer is there. */
  answered(name: string, tookMs: number): void {
    this.#meanMs += SHARE * (tookMs - this.#meanMs)
    this.#ended(name)
    this.heard(name)
  }

  /** A question was given up after its time; the peer goes on owing an answer. */
  timedOut(name: string): void {
    this.#ended(name)
  }

  /** A question could not be asked: the peer is gone, which costs nobody time. */
  failed(name: string): void {
    this.#ended(name)
    if (this.#silent.get(name)?.open === 0) this.#silent.delete(name)
  }

  /** Something came from a peer: it is there. */
  heard(name: string): void {
    const silence = this.#silent.get(name)
    if (silence === undefined) return
    if (silence.open === 0) this.#silent.delete(name)
    else silence.since = this.#clock.now()
  }

  /** True for a peer that has left a question unanswered for long, or is away. */
  isStalled(name: string): boolean {
    if (this.#isAway(name)) return true
    const silence = this.#silent.get(name)
    if (silence === undefined) return false
    return this.#clock.now() - silence.since > this.#stalledMs
  }

  /** True where it is worth to ask a stalled peer again, without waiting for it. */
  mayTryAgain(name: string): boolean {
    const silence = this.#silent.get(name)
    if (silence === undefined) return true
    return silence.open === 0 && this.#clock.now() - silence.askedAt > TRY_AGAIN_MS
  }

  get #stalledMs(): number {
    return Math.max(LEAST_STALLED_MS, STALLED_FACTOR * this.#meanMs)
  }

  #ended(name: string): void {
    const silence = this.#silent.get(name)
    if (silence !== undefined) silence.open -= 1
  }
}
