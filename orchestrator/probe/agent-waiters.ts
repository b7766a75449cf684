import type { Clock, Timer } from '#node/time/clock.ts'
import type { Endpoint } from './probe-agent.ts'

/** Somebody who said hello and waits for the answer. */
export interface Waiter {
  readonly nonce: string
  /** Null where none came in time. Rejects with the signal's reason. */
  readonly answered: Promise<Endpoint | null>
  /** Does something now and again until the wait ends. */
  repeat(everyMs: number, action: () => void): void
  giveUp(): void
}

interface Pending {
  settle: (from: Endpoint | null) => void
}

/** Those who wait for an answer, by the nonce of their hello. */
export class AgentWaiters {
  readonly #clock: Clock
  readonly #pending = new Map<string, Pending>()
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  answer(nonce: string, from: Endpoint): void {
    this.#pending.get(nonce)?.settle(from)
  }

  /** Waits for an answer, `timeoutMs` at most. */
  expect(timeoutMs: number, signal: AbortSignal): Waiter {
    // Agents never answer one another's nonces, so a count will do.
    this.#count += 1
    const nonce = `${this.#count}`
    const { promise, resolve, reject } = Promise.withResolvers<Endpoint | null>()
    // Whoever waits may have failed before it awaits the answer.
    promise.catch(() => {})
    const timers: { deadline: Timer; again?: Timer } = {
      deadline: this.#clock.setTimeout(() => settle(null), timeoutMs),
    }
    const end = (): void => {
      this.#pending.delete(nonce)
      this.#clock.clearTimeout(timers.deadline)
      if (timers.again !== undefined) this.#clock.clearTimeout(timers.again)
      signal.removeEventListener('abort', onAbort)
    }
    const settle = (from: Endpoint | null): void => {
      end()
      resolve(from)
    }
    const onAbort = (): void => {
      end()
      reject(signal.reason as Error)
    }
    this.#pending.set(nonce, { settle })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })

    const repeat = (everyMs: number, action: () => void): void => {
      if (!this.#pending.has(nonce)) return
      action()
      timers.again = this.#clock.setTimeout(() => repeat(everyMs, action), everyMs)
    }
    return { nonce, answered: promise, repeat, giveUp: () => settle(null) }
  }
}
