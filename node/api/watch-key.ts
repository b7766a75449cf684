import type { AbortOptions } from '../base/abort-options.ts'
import type { CurrentRecord, KeyChange, WatchOptions } from '../store/outcomes.ts'
import { type Clock, systemClock } from '../time/clock.ts'
import { eitherSignal } from '../time/deadline.ts'
import { delay } from '../time/delay.ts'
import type { NodeApi } from './node-api.ts'

/** How long it takes at most to notice what is stored elsewhere: a node is told of what is stored at itself alone. */
const LOOK_AGAIN_MS = 10_000

/** Where what is watched is looked up, and heard of. */
export interface Watched extends Pick<NodeApi, 'get' | 'events'> {
  /** As `get`, but deletions are told too. Where it is absent a deletion has no version. */
  current?(key: string, options: AbortOptions): Promise<CurrentRecord | null>
}

/**
 * What is under a key, and from then on each newer version, as the node comes to know it: at once where the node itself
 * holds the key, else within 10 s. Versions that follow one another faster may be passed over. Ends where the signal aborts or
 * the node stops.
 *
 * @throws InvalidKeyError, and what else `get` throws but for `UnansweredError`: then it goes on
 */
export async function* watchKey(
  api: Watched,
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
  let last: Known | null =
    after === undefined ? null : { version: after, value: null, isGone: false }
  try {
    while (!ending.aborted) {
      news = Promise.withResolvers()
      const found = await look(api, key, ending)
      if (found !== undefined && !isSame(last, found)) {
        last = { version: null, value: null, ...found, isGone: isGone(found) }
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

/** What was told last. */
interface Known extends Pick<CurrentRecord, 'version' | 'value'> {
  /** That nothing is there. */
  readonly isGone: boolean
}

/** Undefined where it was not answered. */
async function look(
  api: Watched,
  key: string,
  signal: AbortSignal,
): Promise<CurrentRecord | null | undefined> {
  try {
    if (api.current !== undefined) return await api.current(key, { signal })
    return await api.get(key, { signal })
  } catch (error) {
    const isUnanswered = error instanceof Error && error.name === 'UnansweredError'
    if (signal.aborted || isUnanswered) return undefined
    throw error
  }
}

function isGone(found: CurrentRecord | null): boolean {
  return found === null || found.value === null
}

function isSame(last: Known | null, found: CurrentRecord | null): boolean {
  // Where nothing was told yet, that nothing is there is no news; where that was told, it is none either.
  if (last === null) return isGone(found)
  if (found === null) return last.isGone
  // What was over, and now turns out to have been deleted, is as gone as before.
  if (last.isGone && last.version === null && isGone(found)) return true
  if (last.version !== found.version) return false
  if (found.version !== null) return true
  if (last.value === null || found.value === null) return last.value === found.value
  return Buffer.compare(last.value, found.value) === 0
}

function changeTo(key: string, found: CurrentRecord | null): KeyChange {
  if (found === null) return { key, value: null, version: null, writer: null }
  const { value, version, writer } = found
  return { key, value, version, writer }
}
