import type { PeerId } from '@libp2p/interface'
import { Key } from 'interface-datastore'
import { base32 } from 'multiformats/bases/base32'
import { guardProviders } from '../patches/guarded-providers.ts'
import type { KadInternals } from '../patches/kad-internals.ts'
import type { Clock } from '../time/clock.ts'
import { InvalidKeyError, StoreFullError, TooManyWritesError } from './errors.ts'
import { type RecordLimits, RecordRoom, type RefusedWhy } from './record-room.ts'

/** Where kad-dht keeps who provides what (`utils.ts`, `toProviderKey`): `<multihash in base32>/<peer id>`. */
const PREFIX = '/dht/provider/'
/** The longest multihash that is in use is of 64 bytes, with its code and length before them. */
const MAX_MULTIHASH_BYTES = 128

export interface ProviderRecordsComponents {
  kad: KadInternals
  clock: Clock
  /** This node's place in the key space, 32 bytes. */
  place: Uint8Array
  limits: Omit<RecordLimits, 'bytes'>
}

/** What others let this node know of who provides what: as much as the limits allow. */
export interface ProviderRecords {
  /** Records of others that are held. */
  count(): Promise<number>
  /** Reports each record that is refused, with the name of the error. */
  onRefused(listener: (why: RefusedWhy) => void): void
}

/**
 * Bounds the provider records that kad-dht keeps for others. Where there are as many as may be, one of a key that is
 * closer to this node takes the place of the farthest one, and others are refused. What this node provides itself is not
 * counted.
 */
export function limitProviders(components: ProviderRecordsComponents): ProviderRecords {
  const { kad, limits } = components
  const { datastore, peerId: ownId } = kad.components
  const room = new RecordRoom({
    ...components,
    limits: { ...limits, bytes: Infinity },
    keyOf: multihashIn,
    async *load() {
      for await (const { key, value } of datastore.query({ prefix: PREFIX })) {
        const name = key.toString()
        if (name.endsWith(`/${ownId.toString()}`)) continue
        yield [name, { bytes: name.length, receivedMs: timeIn(value) }]
      }
    },
    erase: async (name) => datastore.delete(new Key(name, false)),
  })
  const admit = async (
    multihash: Uint8Array,
    provider: PeerId,
    write: () => Promise<void>,
  ): Promise<void> => {
    if (multihash.byteLength > MAX_MULTIHASH_BYTES) {
      throw new InvalidKeyError(
        `a provided key is a multihash of at most ${MAX_MULTIHASH_BYTES} bytes: this one has ${multihash.byteLength}`,
      )
    }
    if (!room.mayWrite(provider.toString())) {
      throw new TooManyWritesError(
        `more than ${limits.writesPerSecond} provider records a second: write more slowly`,
      )
    }
    const name = `${PREFIX}${base32.baseEncode(multihash)}/${provider.toString()}`
    if (!(await room.store(name, name.length, write))) {
      throw new StoreFullError(
        `this node holds ${room.held.count} provider records, and too few are farther from it than this one`,
      )
    }
  }

  guardProviders(kad, async (key, provider, write) => admit(key.multihash.bytes, provider, write))
  return {
    async count() {
      await room.load()
      return room.held.count
    },
    onRefused: (listener) => room.onRefused(listener),
  }
}

/** The multihash of a record's name, as latin1 text. */
function multihashIn(name: string): string {
  const text = name.slice(PREFIX.length, name.lastIndexOf('/'))
  return Buffer.from(base32.decode(`${base32.prefix}${text}`)).toString('latin1')
}

/** When a record was received, in milliseconds since the epoch: a varint. */
function timeIn(value: Uint8Array): number {
  return value.reduceRight((time, byte) => time * 128 + (byte & 0x7f), 0)
}
