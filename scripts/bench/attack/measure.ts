import { setTimeout as delay } from 'node:timers/promises'
import { quantile } from '../kv/quantile.ts'
import { type HonestNode, startHonest } from './honest.ts'
import { type Refused, refusedSince } from './refusals.ts'

/** How honest people fare for a while. */
export interface Fare {
  /** 99 of 100 puts and gets ended within so many milliseconds. */
  p99Ms: number
  calls: number
  /** Calls that failed, or gave another value than was put. */
  failed: number
  /** From when a newcomer listens until it lists somebody; null where it did not within the limit. */
  joinMs: number | null
  residentBytes: number
  /** The longest time that the event loop of the attacked node stood still by its own doing. */
  stoodMs: number
  logLinesPerSecond: number
  /** What the attacked node counted as refused meanwhile. */
  refused: Refused
}

const CALL_LIMIT_MS = 10_000
const JOIN_LIMIT_MS = 30_000
const PAUSE_MS = 20

/**
 * Puts at the attacked node and gets at another, and the other way round, one after the other, while a newcomer joins.
 *
 * @param lastMs for how long
 */
export async function fare(
  honest: readonly [HonestNode, HonestNode, ...HonestNode[]],
  name: string,
  options: { lastMs: number; bundle: string; signal: AbortSignal },
): Promise<Fare> {
  const { lastMs, signal } = options
  const [attacked, other] = honest
  const since = performance.now()
  const loggedBefore = attacked.logged()
  const refusedBefore = await attacked.refused()
  attacked.stoodMs()
  const took: number[] = []
  let failed = 0
  let residentBytes = 0
  const timed = async (call: (signal: AbortSignal) => Promise<boolean>): Promise<void> => {
    const began = performance.now()
    const limited = AbortSignal.any([signal, AbortSignal.timeout(CALL_LIMIT_MS)])
    const isRight = await call(limited).catch(() => false)
    signal.throwIfAborted()
    took.push(performance.now() - began)
    if (!isRight) failed += 1
  }
  const joining = joinTime(attacked, honest.length, options)
  for (let round = 0; performance.now() - since < lastMs; round += 1) {
    const key = `${name}-${round}`
    const [writer, reader] = round % 2 === 0 ? [attacked, other] : [other, attacked]
    await timed(async (limit) => {
      await writer.api.put(key, Buffer.from(key), { signal: limit })
      return true
    })
    await timed(async (limit) => {
      const found = await reader.api.get(key, { signal: limit })
      return found !== null && Buffer.from(found.value).toString() === key
    })
    residentBytes = Math.max(residentBytes, await attacked.residentBytes())
    await delay(PAUSE_MS, undefined, { signal })
  }
  const tookMs = performance.now() - since
  const stoodMs = attacked.stoodMs()
  const logLines = attacked.logged() - loggedBefore
  return {
    p99Ms: Math.round(quantile(took, 0.99)),
    calls: took.length,
    failed,
    joinMs: await joining,
    residentBytes,
    stoodMs,
    logLinesPerSecond: Number(((logLines / tookMs) * 1000).toPrecision(3)),
    refused: refusedSince(refusedBefore, await attacked.refused()),
  }
}

async function joinTime(
  attacked: HonestNode,
  index: number,
  { bundle, signal }: { bundle: string; signal: AbortSignal },
): Promise<number | null> {
  await using newcomer = await startHonest(index, attacked, { bundle, signal })
  const since = performance.now()
  while (performance.now() - since < JOIN_LIMIT_MS) {
    if ((await newcomer.api.status({ signal })).listed > 0)
      return Math.round(performance.now() - since)
    await delay(10, undefined, { signal })
  }
  return null
}
