/** What lives in this process lives until the user ends it. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  // A signal alone keeps no process alive.
  const alive = setInterval(() => {}, 60_000)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearInterval(alive)
}
