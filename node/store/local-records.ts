import { type Datastore, Key } from 'interface-datastore'
import { base32 } from 'multiformats/bases/base32'
import { describeError } from '../base/errors.ts'
import { decodeRecord, encodeRecord, nameOfBytes, readReceived } from '../kad/message.ts'
import type { Clock } from '../time/clock.ts'
import { StoreFullError, TooManyWritesError } from './errors.ts'
import type { Held } from './held-records.ts'
import { InTurn } from './in-turn.ts'
import { type RecordLimits, RecordRoom, type RefusedWhy } from './record-room.ts'
import { compareRecords, readRecord, type StoredRecord } from './records.ts'
import { smallestAfter } from './smallest.ts'

/** Where kad-dht keeps records, and looks for those of earlier starts (`content-fetching/index.ts`). */
const PREFIX = '/dht/record/'
export interface LocalRecordsComponents {
  datastore: Datastore
  clock: Clock
  /** This node's place in the key space, 32 bytes. */
  place: Uint8Array
  limits: RecordLimits
  /** Records without an envelope count. */
  plain: boolean
}

/**
 * The records that this node holds: as many as the limits allow. Where they are reached, a record that is closer to this
 * node takes the place of the farthest one; a farther one is refused, and what is held stays served.
 */
export interface LocalRecords {
  /** What is under a record key; null where there is none that counts, or its time is over. */
  get(record: Uint8Array): Promise<StoredRecord | null>
  /**
   * Keeps a record that was checked, unless a newer one is held.
   *
   * @param from the peer that writes, as text; null for this node itself, whose own writes are bounded by size alone
   * @throws TooManyWritesError, StoreFullError
   */
  put(record: Uint8Array, stored: StoredRecord, from: string | null): Promise<Kept>
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

/** What became of a record that was put: it is held from now on, it was held already, or what is held is newer. */
export type Kept =
  | { readonly as: 'new' | 'held-already' }
  | { readonly as: 'older'; readonly held: StoredRecord }

export interface HeldRecord {
  /** Its key. */
  readonly record: Uint8Array
  /** Of its key and value. */
  readonly bytes: number
}

export function createLocalRecords(components: LocalRecordsComponents): LocalRecords {
  const { datastore } = components
  const inTurn = new InTurn()
  const room = new RecordRoom({
    ...components,
    async *load() {
      for await (const { key, value } of datastore.query({ prefix: PREFIX })) {
        const record = readStored(value)
        // One that cannot be read is of no use to anybody, and must not keep others from being written.
        if (record === null || room.isOver(record.receivedMs)) await datastore.delete(key)
        else yield [record.name, record]
      }
    },
    erase: async (name) => datastore.delete(keyOf(bytesOf(name))),
  })
  const { held } = room

  async function read(record: Uint8Array): Promise<StoredRecord | null> {
    // A database looks for what it does not have as long as for what it has, and says so by an error.
    if (room.hasNone(nameOfBytes(record))) return null
    const stored = await storedAt(datastore, keyOf(record))
    if (stored === null) return null
    const known = readStored(stored)
    if (known !== null && !room.isOver(known.receivedMs)) {
      return readRecord(decodeRecord(stored).value, components)
    }
    // What cannot be deleted now, as on a full disk, is over all the same.
    await room.drop(nameOfBytes(record)).catch(() => {})
    return null
  }

  async function write(record: Uint8Array, value: Uint8Array): Promise<void> {
    const bytes = record.byteLength + value.byteLength
    const store = async (): Promise<boolean> =>
      room.store(nameOfBytes(record), bytes, async (receivedMs) => {
        const received = new Date(receivedMs).toISOString()
        await datastore.put(keyOf(record), encodeRecord({ key: record, value }, received))
      })
    if (await store().catch(notWritten)) return
    throw new StoreFullError(
      `this node holds ${held.count} records of ${held.bytes} bytes, and too few are farther from it than this one`,
    )
  }

  return {
    get: read,
    async put(record, stored, from) {
      if (from !== null && !room.mayWrite(from)) {
        throw new TooManyWritesError(
          `more than ${components.limits.writesPerSecond} writes a second: write more slowly`,
        )
      }
      // What is held must not change between the look at it and the write.
      return inTurn.run(nameOfBytes(record), async () => {
        const held = await read(record)
        if (held !== null) {
          const order = compareRecords(stored, held)
          if (order < 0) return { as: 'older', held }
          if (order === 0 && held.version !== null) return { as: 'held-already' }
        }
        await write(record, stored.bytes)
        return { as: 'new' }
      })
    },
    async count() {
      await room.load()
      return held.count
    },
    async list(after, limit, matches) {
      await room.load()
      const names = smallestAfter(held.names(), {
        after: after === null ? '' : nameOfBytes(after),
        count: limit,
        matches: (name) =>
          !room.isOver(held.get(name)?.receivedMs ?? -Infinity) && matches(bytesOf(name)),
      })
      return names.map((name) => ({ record: bytesOf(name), bytes: held.get(name)?.bytes ?? 0 }))
    },
    onRefused: (listener) => room.onRefused(listener),
  }
}

/** A database that takes nothing more, as on a full disk. */
function notWritten(cause: unknown): never {
  throw new StoreFullError(
    `the database cannot be written: ${describeError(cause)}; make room on its disk: what is held stays served`,
    { cause },
  )
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
