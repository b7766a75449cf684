import { type Datastore, Key } from 'interface-datastore'
import { base32 } from 'multiformats/bases/base32'
import { decodeRecord, encodeRecord } from '../kad/message.ts'
import type { Clock } from '../time/clock.ts'

/** Where kad-dht keeps records, and looks for those of earlier starts (`content-fetching/index.ts`). */
const PREFIX = '/dht/record/'

/** The records that this node holds. */
export interface LocalRecords {
  /** The value under a record key; null where there is none. */
  get(record: Uint8Array): Promise<Uint8Array | null>
  put(record: Uint8Array, value: Uint8Array): Promise<void>
  count(): Promise<number>
}

export function createLocalRecords(components: {
  datastore: Datastore
  clock: Clock
}): LocalRecords {
  const { datastore, clock } = components
  return {
    async get(record) {
      try {
        return decodeRecord(await datastore.get(keyOf(record))).value
      } catch (error) {
        if (error instanceof Error && error.name === 'NotFoundError') return null
        throw error
      }
    },
    async put(record, value) {
      const received = new Date(clock.now()).toISOString()
      await datastore.put(keyOf(record), encodeRecord({ key: record, value }, received))
    },
    async count() {
      let count = 0
      for await (const _key of datastore.queryKeys({ prefix: PREFIX })) count += 1
      return count
    },
  }
}

function keyOf(record: Uint8Array): Key {
  // As kad-dht writes it: base32 without the multibase prefix.
  return new Key(`${PREFIX}${base32.baseEncode(record)}`, false)
}
