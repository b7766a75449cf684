import { setTimeout as delay } from 'node:timers/promises'
import { describeError } from '#node/base/errors.ts'

/**
 * Tries until it succeeds; for what tells nothing by itself, such as a machine that is reached by commands only.
 *
 * @throws the last failure, after `timeoutMs`.
 */
export async function eventually<T>(
  attempt: () => Promise<T>,
  { timeoutMs = 60_000, intervalMs = 200 } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(`not within ${timeoutMs} ms: ${describeError(error)}`, { cause: error })
      }
    }
    await delay(intervalMs)
  }
}
