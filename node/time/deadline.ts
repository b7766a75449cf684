import type { Clock } from './clock.ts'

/**
 * Runs `work` with a signal that aborts when the caller's does, or with a TimeoutError after `limitMs`. Nothing is left
 * of the timer afterwards.
 *
 * `work` has to heed its signal: it is awaited to its end, also when the time is over.
 *
 * @param late what it comes to where the time is over and `work` rejects; it is given what `work` rejected with. Default:
 *   that rejection.
 * @throws the caller's reason where its signal aborts and `work` rejects.
 */
export async function within<T>(
  clock: Clock,
  limitMs: number,
  caller: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  late?: (error: unknown) => T | Promise<T>,
): Promise<T> {
  caller?.throwIfAborted()
  const limit = new AbortController()
  const timer = clock.setTimeout(() => {
    limit.abort(new DOMException(`took longer than ${limitMs} ms`, 'TimeoutError'))
  }, limitMs)
  let rejection: unknown
  try {
    return await work(eitherSignal(caller, limit.signal))
  } catch (error) {
    caller?.throwIfAborted()
    if (late === undefined || !limit.signal.aborted) throw error
    rejection = error
  } finally {
    clock.clearTimeout(timer)
  }
  return late(rejection)
}

/** A signal that aborts as soon as one of two does, with its reason. */
export function eitherSignal(one: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  return one === undefined ? other : AbortSignal.any([one, other])
}

/**
 * Runs through the events of a query until `onEvent` returns true, the query ends, or its time is over: what it brought
 * until then counts.
 *
 * @param query makes the query with the signal that ends it
 * @throws the caller's reason where its signal aborts.
 */
export async function runQuery<Event>(
  { clock, limitMs, caller }: { clock: Clock; limitMs: number; caller: AbortSignal | undefined },
  query: (signal: AbortSignal) => AsyncIterable<Event>,
  onEvent: (event: Event) => boolean,
): Promise<void> {
  await within(
    clock,
    limitMs,
    caller,
    async (signal) => {
      for await (const event of query(signal)) if (onEvent(event)) break
    },
    () => {},
  )
  caller?.throwIfAborted()
}
