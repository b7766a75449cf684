/** A running timer of a clock; opaque. */
export type Timer = { readonly timer: unknown }

/** Time as the code in `node/` sees it: the system's, or simulated. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `callback` once, `delayMs` from now. */
  setTimeout(callback: () => void, delayMs: number): Timer
  clearTimeout(timer: Timer): void
}

/** The system's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => ({ timer: setTimeout(callback, delayMs) }),
  clearTimeout: ({ timer }) => clearTimeout(timer as NodeJS.Timeout),
}

/**
 * Resolves after `delayMs`.
 *
 * @throws the signal's reason where it aborts first.
 */
export async function delay(
  clock: Clock,
  delayMs: number,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  const { signal } = options
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = clock.setTimeout(resolve, delayMs)
  const giveUp = (): void => reject(signal?.reason as Error)
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    await promise
  } finally {
    clock.clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}

/** A signal that aborts with a TimeoutError after `delayMs` of the clock; `clear` ends its timer. */
export function timeoutSignal(
  clock: Clock,
  delayMs: number,
): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController()
  const timer = clock.setTimeout(() => {
    controller.abort(new DOMException(`took longer than ${delayMs} ms`, 'TimeoutError'))
  }, delayMs)
  return { signal: controller.signal, clear: () => clock.clearTimeout(timer) }
}
