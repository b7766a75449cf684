/**
 * Waits for something that nobody can call off, until the signal aborts. For waiting only: a call that changes
 * something elsewhere is waited for to its end, else what it makes would come after the clearing up.
 */
export async function untilAborted<T>(
  signal: AbortSignal | undefined,
  awaited: Promise<T>,
): Promise<T> {
  if (signal === undefined) return awaited
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([awaited, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
