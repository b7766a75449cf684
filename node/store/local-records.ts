import { type Datastore, Key } from 'interface-datastore'
import { base32 } from 'multiformats/bases/base32'
import { decodeRecord, encodeRecord, nameOfBytes, readReceived } from '../kad/message.ts'
import type { Clock } from '../time/clock.ts'
import { StoreFullError, TooManyWritesError } from './errors.ts'
import { type Held, HeldRecords } from './held-records.ts'
import { InTurn } from './in-turn.ts'
import { smallestAfter } from './smallest.ts'
import { WriteRate } from './write-rate.ts'

/** Where kad-dht keeps records, and looks for those of earlier starts (`content-fetching/index.ts`). */
const PREFIX = '/dht/record/'
/** A record that nobody has put again for so long is over, as in kad-dht (`PROVIDERS_VALIDITY`). */
export const RECORD_TTL_MS = 48 * 60 * 60 * 1000

/** What a node keeps for others. */
export interface RecordLimits {
  /** Records that are held at a time. */
  records: number
  /** Bytes of their keys and values. */
  bytes: number
  /** Writes a second of one peer. */
  writesPerSecond: number
}

export interface LocalRecordsComponents {
  datastore: Datastore
  clock: Clock
  /** This node's place in the key space, 32 bytes. */
  place: Uint8Array
  limits: RecordLimits
}

/**
 * The records that this node holds: as many as the limits allow. Where they are reached, a record that is closer to this
 * node takes the place of the farthest one; a farther one is refused, and what is held stays served.
 */
export interface LocalRecords {
  /** The value under a record key; null where there is none, or its time is over. */
  get(record: Uint8Array): Promise<Uint8Array | null>
  /**
   * @param from the peer that writes, as text; null for this node itself, whose own writes are bounded by size alone
   * @throws TooManyWritesError, StoreFullError
   */
  put(record: Uint8Array, value: Uint8Array, from: string | null): Promise<void>
  count(): Promise<number>
  /**
   * Records that are held, in the order of the bytes of their keys; not those whose time is over.
   *
   * @param after a record key, behind which it begins; null: with the first
   * @param matches false for records that are left out
   */
  list(
    after: Uint8Array | null,
    limit: number,
    matches: (record: Uint8Array) => boolean,
  ): Promise<HeldRecord[]>
  /** Reports each record that is refused, with the name of the error. */
  onRefused(listener: (why: RefusedWhy) => void): void
}

export interface HeldRecord {
  /** Its key. */
  readonly record: Uint8Array
  /** Of its key and value. */
  readonly bytes: number
}

/** Why a record is not stored, as the metric has it. */
export const REFUSED_WHY = ['full', 'too-many-writes'] as const
export type RefusedWhy = (typeof REFUSED_WHY)[number]

export function createLocalRecords(components: LocalRecordsComponents): LocalRecords {
  const { datastore, clock, place, limits } = components
  const held = new HeldRecords(place)
  const inTurn = new InTurn()
  const rate = new WriteRate(clock, limits.writesPerSecond)
  const listeners: ((why: RefusedWhy) => void)[] = []
  let loaded: Promise<void> | null = null

  const refused = (why: RefusedWhy): void => {
    for (const listener of listeners) listener(why)
  }
  const isOver = (receivedMs: number): boolean => clock.now() - receivedMs > RECORD_TTL_MS
  const load = async (): Promise<void> => {
    const found: [string, Held][] = []
    for await (const { key, value } of datastore.query({ prefix: PREFIX })) {
      const record = readStored(value)
      // One that cannot be read is of no use to anybody, and must not keep others from being written.
      if (record === null || isOver(record.receivedMs)) await datastore.delete(key)
      else {
        const { name, bytes } = record
        found.push([name, { bytes, receivedMs: Math.min(record.receivedMs, clock.now()) }])
      }
    }
    found.sort(([, one], [, other]) => one.receivedMs - other.receivedMs)
    for (const [name, record] of found) held.written(held.note(name, record))
  }
  const loadOnce = async (): Promise<void> => {
    loaded ??= load()
    try {
      await loaded
    } catch (error) {
      // A database that fails once may answer the next time.
      loaded = null
      throw error
    }
  }
  /** Deletes what is leaving. What cannot be deleted is still served, and so is held as before. */
  const remove = async (names: readonly string[]): Promise<void> => {
    const left = [...names]
    try {
      for (let name = left[0]; name !== undefined; name = left[0]) {
        await inTurn.run(name, async () => removeOne(name))
        left.shift()
      }
    } finally {
      for (const name of left) held.stay(name)
    }
  }
  const removeOne = async (name: string): Promise<void> => {
    // It may have been put again meanwhile.
    if (!held.isLeaving(name)) return
    await datastore.delete(keyOf(bytesOf(name)))
    held.left(name)
  }
  const dropOver = async (): Promise<void> => {
    const over: string[] = []
    for (const [name, { receivedMs }] of held.oldest()) {
      if (!isOver(receivedMs)) break
      over.push(name)
    }
    for (const name of over) held.leave(name)
    await remove(over)
  }
  /** Which records give way to a new one: farther ones, as few as will do. Null where there are too few. */
  const givingWay = (name: string, size: number): string[] | null => {
    const before = held.get(name)?.bytes
    let tooMany = held.count + (before === undefined ? 1 : 0) - limits.records
    let tooManyBytes = held.bytes + size - (before ?? 0) - limits.bytes
    const names: string[] = []
    if (tooMany <= 0 && tooManyBytes <= 0) return names
    for (const farther of held.farther(name)) {
      names.push(farther)
      tooMany -= 1
      tooManyBytes -= held.get(farther)?.bytes ?? 0
      if (tooMany <= 0 && tooManyBytes <= 0) return names
    }
    return null
  }

  return {
    async get(record) {
      const stored = await storedAt(datastore, keyOf(record))
      if (stored === null) return null
      const known = readStored(stored)
      if (known !== null && !isOver(known.receivedMs)) return decodeRecord(stored).value
      const name = nameOfBytes(record)
      await inTurn.run(name, async () => {
        const now = held.get(name)
        // A new one came meanwhile.
        if (now !== undefined && !isOver(now.receivedMs)) return
        held.leave(name)
        await datastore.delete(keyOf(record))
        held.left(name)
      })
      return null
    },
    async put(record, value, from) {
      if (from !== null && !rate.take(from)) {
        refused('too-many-writes')
        throw new TooManyWritesError(
          `more than ${limits.writesPerSecond} writes a second: write more slowly`,
        )
      }
      await loadOnce()
      await dropOver()
      const name = nameOfBytes(record)
      const size = record.byteLength + value.byteLength
      const leaving = givingWay(name, size)
      if (leaving === null) {
        refused('full')
        throw new StoreFullError(
          `this node holds ${held.count} records of ${held.bytes} bytes, and too few are farther from it than this one`,
        )
      }
      // Before anything is awaited: what comes at the same time must find the room taken.
      for (const each of leaving) held.leave(each)
      const receivedMs = clock.now()
      const noted = held.note(name, { bytes: size, receivedMs })
      try {
        await remove(leaving)
        const received = new Date(receivedMs).toISOString()
        await inTurn.run(name, async () => {
          // A closer one may have come meanwhile, and this one be leaving already.
          if (held.get(name) === undefined) return
          await datastore.put(keyOf(record), encodeRecord({ key: record, value }, received))
        })
      } catch (error) {
        held.takeBack(noted)
        // What was before it was leaving, and stayed for its sake.
        if (held.isLeaving(name)) await remove([name])
        throw error
      }
      held.written(noted)
    },
    async count() {
      await loadOnce()
      return held.count
    },
    async list(after, limit, matches) {
      await loadOnce()
      const names = smallestAfter(held.names(), {
        after: after === null ? '' : nameOfBytes(after),
        count: limit,
        matches: (name) =>
          !isOver(held.get(name)?.receivedMs ?? -Infinity) && matches(bytesOf(name)),
      })
      return names.map((name) => ({ record: bytesOf(name), bytes: held.get(name)?.bytes ?? 0 }))
    },
    onRefused: (listener) => void listeners.push(listener),
  }
}

/** The bytes that `nameOfBytes` made a name of. */
function bytesOf(name: string): Uint8Array {
  return Buffer.from(name, 'latin1')
}

async function storedAt(datastore: Datastore, key: Key): Promise<Uint8Array | null> {
  try {
    return await datastore.get(key)
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundError') return null
    throw error
  }
}

/** Null for bytes that are no record. */
function readStored(stored: Uint8Array): (Held & { name: string }) | null {
  try {
    const { key, value } = decodeRecord(stored)
    const bytes = key.byteLength + value.byteLength
    return { name: nameOfBytes(key), bytes, receivedMs: readReceived(stored) }
  } catch {
    return null
  }
}

function keyOf(record: Uint8Array): Key {
  // As kad-dht writes it: base32 without the multibase prefix.
  return new Key(`${PREFIX}${base32.baseEncode(record)}`, false)
}
