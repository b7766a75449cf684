import { timeline } from './timeline.ts'

// Taken before any of it is replaced.
const RealDate = Date
const realDateNow = Date.now
const realTimeOrigin = performance.timeOrigin
const realPerformanceNow = performance.now.bind(performance)
const realAbortAfter = AbortSignal.timeout.bind(AbortSignal)

/** `Date.now`, in simulated time for those who run in it. */
export function dateNow(): number {
  const time = timeline()
  return time === null ? realDateNow() : Math.floor(time.now())
}

/** `performance.now`, likewise. */
export function performanceNow(): number {
  const time = timeline()
  return time === null ? realPerformanceNow() : time.now() - time.originMs
}

/** `performance.timeOrigin`, likewise. */
export function timeOrigin(): number {
  return timeline()?.originMs ?? realTimeOrigin
}

/** The class Date, likewise: one class with the real one, so that `instanceof` holds for the dates of both. */
export const SimulatedDate = new Proxy(RealDate, {
  construct(target, values, newTarget) {
    const time = timeline()
    const own = values.length === 0 && time !== null ? [Math.floor(time.now())] : values
    return Reflect.construct(target, own, newTarget) as object
  },
  apply: () => new RealDate(dateNow()).toString(),
})

/** `AbortSignal.timeout`, likewise. */
export function abortAfter(delayMs: number): AbortSignal {
  const time = timeline()
  if (time === null) return realAbortAfter(delayMs)
  const controller = new AbortController()
  time.after(delayMs, () => {
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
  })
  return controller.signal
}
