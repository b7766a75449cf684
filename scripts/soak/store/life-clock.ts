import type { Clock, Timer } from '#node/time/clock.ts'

/** What a process goes by: its own time of day, which stands still with it and ends with it. */
export class LifeClock implements Clock {
  readonly #base: Clock
  readonly #offsetMs: number
  readonly #held: (() => void)[] = []
  #isOver = false
  #isPaused = false

  /** @param offsetMs how far its time of day is ahead of the true one */
  constructor(base: Clock, offsetMs: number) {
    this.#base = base
    this.#offsetMs = offsetMs
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  now(): number {
    return this.#base.now() + this.#offsetMs
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    return this.#base.setTimeout(() => this.run(callback), delayMs)
  }

  clearTimeout(timer: Timer): void {
    this.#base.clearTimeout(timer)
  }

  /** Runs what has come, once the process goes on; never where it has ended. */
  run(callback: () => void): void {
    if (this.#isOver) return
    if (this.#isPaused) this.#held.push(callback)
    else callback()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    for (const callback of this.#held.splice(0)) this.run(callback)
  }

  end(): void {
    this.#isOver = true
    this.#held.length = 0
  }
}
