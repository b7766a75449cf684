import type { GetOutcome, KeyChange, WatchOptions } from '../store/outcomes.ts'
import { type Clock, systemClock } from '../time/clock.ts'
import { eitherSignal } from '../time/deadline.ts'
import { delay } from '../time/delay.ts'
import type { NodeApi } from './node-api.ts'

/** How long it takes at most to notice what is stored elsewhere: a node is told of what is stored at itself alone. */
const LOOK_AGAIN_MS = 10_000

/**
 * What is under a key, and from then on each newer version, as the node comes to know it: at once where the node itself
 * holds the key, else within 10 s. Versions that follow one another faster may be passed over. Ends where the signal aborts or
 * the node stops.
 *
 * @throws InvalidKeyError, and what else `get` throws but for `UnansweredError`: then it goes on
 */
export async function* watchKey(
  api: Pick<NodeApi, 'get' | 'events'>,
  key: string,
  { after, signal }: WatchOptions = {},
  clock: Clock = systemClock,
): AsyncGenerator<KeyChange, void, void> {
  const left = new AbortController()
  const ending = eitherSignal(signal, left.signal)
  let news = Promise.withResolvers<void>()
  const hear = async (): Promise<void> => {
    for await (const event of api.events({ signal: ending })) {
      if (event.event === 'stored' && event.key === key) news.resolve()
    }
  }
  // Without its events a node has stopped, or is not reached any more.
  const heard = hear().finally(() => left.abort())
  heard.catch(() => {})
  let last: Known = after === undefined ? null : { version: after, value: null }
  try {
    while (!ending.aborted) {
      news = Promise.withResolvers()
      const found = await look(api, key, ending)
      if (found !== undefined && !isSame(last, found)) {
        last = found
        yield changeTo(key, found)
      }
      await Promise.race([news.promise, delay(clock, LOOK_AGAIN_MS, { signal: ending })]).catch(
        () => {},
      )
    }
  } finally {
    left.abort()
  }
  await heard
}

type Known = { version: string | null; value: Uint8Array | null } | null

/** Undefined where it was not answered. */
async function look(
  api: Pick<NodeApi, 'get'>,
  key: string,
  signal: AbortSignal,
): Promise<GetOutcome | null | undefined> {
  try {
    return await api.get(key, { signal })
  } catch (error) {
    const isUnanswered = error instanceof Error && error.name === 'UnansweredError'
    if (signal.aborted || isUnanswered) return undefined
    throw error
  }
}

function isSame(last: Known, found: GetOutcome | null): boolean {
  if (last === null || found === null) return last === found
  if (last.version !== found.version) return false
  if (found.version !== null) return true
  return last.value !== null && Buffer.compare(last.value, found.value) === 0
}

function changeTo(key: string, found: GetOutcome | null): KeyChange {
  if (found === null) return { key, value: null, version: null, writer: null }
  const { value, version, writer } = found
  return { key, value, version, writer }
}
