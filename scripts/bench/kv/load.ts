import { setTimeout as delay } from 'node:timers/promises'
import type { AbortOptions } from '#node/base/abort-options.ts'
import type { GetOutcome } from '#node/store/outcomes.ts'
import type { BenchPeer } from './crew.ts'
import { farthestFirst } from './farthest.ts'
import { type Times, timesOf } from './quantile.ts'

/** A call that has not ended after this is given up, and wrong. */
const CALL_LIMIT_MS = 15_000

/** What a sequence of puts and gets took. */
export interface Sequence {
  put: Times
  /** At peers that most often hold a copy. */
  get: Times
  /** At the peer farthest from the key, which holds a copy only in a small network. */
  getFar: Times
  /** Of keys that nobody has: the answer is known when the query has ended. */
  getNone: Times
  /** Calls that failed or gave another value. */
  wrong: number
}

/** Keys are never used twice in one network. */
export interface Keys {
  next(): string
}

export function createKeys(): Keys {
  let count = 0
  return {
    next: () => {
      count += 1
      return `bench-${count}`
    },
  }
}

/** Resolves when each peer lists `wanted` others: milliseconds from now. */
export async function untilListed(
  peers: readonly BenchPeer[],
  wanted: number,
  limitMs: number,
): Promise<number> {
  const since = performance.now()
  for (;;) {
    const listed = await Promise.all(peers.map(async ({ api }) => (await api.status()).listed))
    const tookMs = performance.now() - since
    if (Math.min(...listed) >= wanted || tookMs > limitMs) return tookMs
    await delay(10)
  }
}

/**
 * Puts at one peer and gets at others, one after the other, until `rounds` are done or `limitMs` is over.
 *
 * @param peers those that are asked
 */
export async function runSequence(
  peers: readonly BenchPeer[],
  keys: Keys,
  { rounds, limitMs, signal }: { rounds: number; limitMs: number; signal: AbortSignal },
): Promise<Sequence> {
  const took: Record<'put' | 'get' | 'getFar' | 'getNone', number[]> = {
    put: [],
    get: [],
    getFar: [],
    getNone: [],
  }
  let wrong = 0
  /** Makes a call and notes how long it took; one that fails is wrong. */
  const timed = async <Result>(
    kind: keyof typeof took,
    call: (options: AbortOptions) => Promise<Result>,
    isRight: (result: Result) => boolean,
  ): Promise<void> => {
    const since = performance.now()
    const result = await call({ signal: limited(signal) }).catch(() => undefined)
    took[kind].push(performance.now() - since)
    signal.throwIfAborted()
    if (result === undefined || !isRight(result)) wrong += 1
  }
  const ids = peers.map(({ peerId }) => peerId)
  const until = performance.now() + limitMs
  for (let round = 0; round < rounds && performance.now() < until; round += 1) {
    const key = keys.next()
    const value = Buffer.from(`value of ${key}`)
    const writer = (round * 7) % peers.length
    const reader = (round * 11 + 3) % peers.length
    const far = farthestFirst(key, ids).find((index) => index !== writer) ?? 0
    const isValue = (found: GetOutcome | null): boolean =>
      found !== null && Buffer.compare(found.value, value) === 0
    await timed(
      'put',
      (options) => at(peers, writer).put(key, value, options),
      () => true,
    )
    await timed('get', (options) => at(peers, reader).get(key, options), isValue)
    await timed('getFar', (options) => at(peers, far).get(key, options), isValue)
    await timed(
      'getNone',
      (options) => at(peers, far).get(`none-${key}`, options),
      (found) => found === null,
    )
  }
  const { put, get, getFar, getNone } = took
  return {
    put: timesOf(put),
    get: timesOf(get),
    getFar: timesOf(getFar),
    getNone: timesOf(getNone),
    wrong,
  }
}

/** Puts and gets at one peer, `inFlight` at a time, for `lastMs`: how many a second, and what it cost that peer. */
export async function runParallel(
  peer: BenchPeer,
  keys: Keys,
  { inFlight, lastMs, signal }: { inFlight: number; lastMs: number; signal: AbortSignal },
): Promise<{ perSecond: number; cpuMsPerCall: number; residentBytes: number; failed: number }> {
  const before = await peer.usage()
  const since = performance.now()
  let done = 0
  let failed = 0
  const work = async (): Promise<void> => {
    while (performance.now() - since < lastMs) {
      const key = keys.next()
      try {
        await peer.api.put(key, Buffer.from(key), { signal: limited(signal) })
        await peer.api.get(key, { signal: limited(signal) })
        done += 2
      } catch {
        signal.throwIfAborted()
        failed += 1
      }
    }
  }
  await Promise.all(Array.from({ length: inFlight }, work))
  const tookMs = performance.now() - since
  const after = await peer.usage()
  return {
    perSecond: Number(((done / tookMs) * 1000).toPrecision(4)),
    cpuMsPerCall: Number(((after.cpuMs - before.cpuMs) / Math.max(1, done)).toPrecision(4)),
    residentBytes: after.residentBytes,
    failed,
  }
}

function at(peers: readonly BenchPeer[], index: number): BenchPeer['api'] {
  const peer = peers[index]
  if (peer === undefined) throw new Error(`no peer ${index}`)
  return peer.api
}

function limited(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(CALL_LIMIT_MS)])
}
