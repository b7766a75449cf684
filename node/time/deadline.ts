import { type Clock, timeoutSignal } from './clock.ts'

/** A call's own time limit beside its caller's signal. */
export interface Deadline extends Disposable {
  /** Aborts when the caller gives up or the time is over. */
  readonly signal: AbortSignal
}

/**
 * @param limitMs after which the signal aborts with a TimeoutError
 * @throws the caller's reason where its signal has aborted already
 */
export function createDeadline(
  clock: Clock,
  limitMs: number,
  caller: AbortSignal | undefined,
): Deadline {
  caller?.throwIfAborted()
  const limit = timeoutSignal(clock, limitMs)
  return {
    signal: caller === undefined ? limit.signal : AbortSignal.any([caller, limit.signal]),
    [Symbol.dispose]: limit.clear,
  }
}

/**
 * Runs through what a query tells until `onEvent` returns true, the query ends, or its signal aborts. A query whose
 * time is over has told what it could: only the caller's own giving up rejects.
 *
 * @throws the caller's reason where its signal aborts.
 */
export async function runQuery<Event>(
  query: AsyncIterable<Event>,
  onEvent: (event: Event) => boolean,
  signals: { deadline: AbortSignal; caller: AbortSignal | undefined },
): Promise<void> {
  try {
    for await (const event of query) if (onEvent(event)) break
  } catch (error) {
    signals.caller?.throwIfAborted()
    if (!signals.deadline.aborted) throw error
  }
  signals.caller?.throwIfAborted()
}
