import { type Datastore, Key } from 'interface-datastore'
import { base32 } from 'multiformats/bases/base32'
import { decodeRecord, encodeRecord, nameOfBytes, readReceived } from '../kad/message.ts'
import type { Clock } from '../time/clock.ts'
import { ByDistance } from './by-distance.ts'
import { StoreFullError, TooManyWritesError } from './errors.ts'
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
  /** Reports each record that is refused, with the name of the error. */
  onRefused(listener: (why: RefusedWhy) => void): void
}

/** Why a record is not stored, as the metric has it. */
export const REFUSED_WHY = ['full', 'too-many-writes'] as const
export type RefusedWhy = (typeof REFUSED_WHY)[number]

export function createLocalRecords(components: LocalRecordsComponents): LocalRecords {
  const { datastore, clock, place, limits } = components
  /** Bytes of each record that is held, by its key. */
  const held = new Map<string, number>()
  const order = new ByDistance(place)
  const rate = new WriteRate(clock, limits.writesPerSecond)
  const listeners: ((why: RefusedWhy) => void)[] = []
  let bytes = 0
  let loaded: Promise<void> | null = null

  const refused = (why: RefusedWhy): void => {
    for (const listener of listeners) listener(why)
  }
  const note = (name: string, size: number): void => {
    if (!held.has(name)) order.add(name)
    bytes += size - (held.get(name) ?? 0)
    held.set(name, size)
  }
  const load = async (): Promise<void> => {
    for await (const { value } of datastore.query({ prefix: PREFIX })) {
      const record = decodeRecord(value)
      note(nameOfBytes(record.key), record.key.byteLength + record.value.byteLength)
    }
  }
  const forget = (name: string): void => {
    bytes -= held.get(name) ?? 0
    held.delete(name)
    order.delete(name)
  }
  /** Which records give way to a new one: farther ones, as few as will do. Null where there are too few. */
  const givingWay = (name: string, size: number): string[] | null => {
    const before = held.get(name)
    let tooMany = held.size + (before === undefined ? 1 : 0) - limits.records
    let tooManyBytes = bytes + size - (before ?? 0) - limits.bytes
    const names: string[] = []
    if (tooMany <= 0 && tooManyBytes <= 0) return names
    for (const farther of order.beyond(order.distanceOf(name))) {
      names.push(farther)
      tooMany -= 1
      tooManyBytes -= held.get(farther) ?? 0
      if (tooMany <= 0 && tooManyBytes <= 0) return names
    }
    return null
  }

  return {
    async get(record) {
      let stored: Uint8Array
      try {
        stored = await datastore.get(keyOf(record))
      } catch (error) {
        if (error instanceof Error && error.name === 'NotFoundError') return null
        throw error
      }
      if (clock.now() - readReceived(stored) <= RECORD_TTL_MS) return decodeRecord(stored).value
      forget(nameOfBytes(record))
      await datastore.delete(keyOf(record))
      return null
    },
    async put(record, value, from) {
      if (from !== null && !rate.take(from)) {
        refused('too-many-writes')
        throw new TooManyWritesError(
          `more than ${limits.writesPerSecond} writes a second: write more slowly`,
        )
      }
      await (loaded ??= load())
      const name = nameOfBytes(record)
      const size = record.byteLength + value.byteLength
      const leaving = givingWay(name, size)
      if (leaving === null) {
        refused('full')
        throw new StoreFullError(
          `this node holds ${held.size} records of ${bytes} bytes, and too few are farther from it than this one`,
        )
      }
      // Before anything is awaited: what comes at the same time must find the room taken.
      for (const each of leaving) forget(each)
      note(name, size)
      for (const each of leaving) await datastore.delete(keyOf(Buffer.from(each, 'latin1')))
      const received = new Date(clock.now()).toISOString()
      await datastore.put(keyOf(record), encodeRecord({ key: record, value }, received))
      // A closer one came meanwhile.
      if (!held.has(name)) await datastore.delete(keyOf(record))
    },
    async count() {
      await (loaded ??= load())
      return held.size
    },
    onRefused: (listener) => void listeners.push(listener),
  }
}

function keyOf(record: Uint8Array): Key {
  // As kad-dht writes it: base32 without the multibase prefix.
  return new Key(`${PREFIX}${base32.baseEncode(record)}`, false)
}
