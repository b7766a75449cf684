/** So often it is looked whether the event loop keeps time: milliseconds. */
const LOOK_EVERY_MS = 250
/** So late in one look is worth telling: milliseconds. Less is the jitter of any machine. */
const LATE_FROM_MS = 250

/**
 * Tells when the event loop of this process kept its timers waiting: the machine had no time for it, or it had too much to do.
 * What a node times then, a ping or a dial, says nothing of the other end.
 *
 * @param onLate given by how much a look was late: milliseconds, 250 or more
 */
export function watchLateness(onLate: (lateMs: number) => void): Disposable {
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    const lateMs = Math.round(now - last - LOOK_EVERY_MS)
    last = now
    if (lateMs >= LATE_FROM_MS) onLate(lateMs)
  }, LOOK_EVERY_MS)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
