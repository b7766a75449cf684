import type { PeerId } from '@libp2p/interface'
import { Key } from 'interface-datastore'
import { base32 } from 'multiformats/bases/base32'
import { guardProviders } from '../patches/guarded-providers.ts'
import type { KadInternals } from '../patches/kad-internals.ts'
import type { Clock } from '../time/clock.ts'
import { InvalidKeyError, StoreFullError, TooManyWritesError } from './errors.ts'
import { type Held, HeldRecords } from './held-records.ts'
import { InTurn } from './in-turn.ts'
import { RECORD_TTL_MS, type RecordLimits, type RefusedWhy } from './local-records.ts'
import { WriteRate } from './write-rate.ts'

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
  const { kad, clock, place, limits } = components
  const { datastore, peerId: ownId } = kad.components
  const held = new HeldRecords(place, multihashIn)
  const inTurn = new InTurn()
  const rate = new WriteRate(clock, limits.writesPerSecond)
  const listeners: ((why: RefusedWhy) => void)[] = []
  let loaded: Promise<void> | null = null

  const refused = (why: RefusedWhy): void => {
    for (const listener of listeners) listener(why)
  }
  const load = async (): Promise<void> => {
    const found: [string, Held][] = []
    for await (const { key, value } of datastore.query({ prefix: PREFIX })) {
      const name = key.toString()
      if (name.endsWith(`/${ownId.toString()}`)) continue
      const receivedMs = Math.min(timeIn(value), clock.now())
      found.push([name, { bytes: name.length, receivedMs }])
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
  const remove = async (names: readonly string[]): Promise<void> => {
    for (const name of names) held.leave(name)
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
    // It may have come again meanwhile.
    if (!held.isLeaving(name)) return
    await datastore.delete(new Key(name, false))
    held.left(name)
  }
  const overNow = (): string[] => {
    const over: string[] = []
    for (const [name, { receivedMs }] of held.oldest()) {
      if (clock.now() - receivedMs <= RECORD_TTL_MS) break
      over.push(name)
    }
    return over
  }
  /** Records that give way to a new one; null where all are closer. */
  const givingWay = (name: string): string[] | null => {
    const tooMany = held.count + (held.get(name) === undefined ? 1 : 0) - limits.records
    if (tooMany <= 0) return []
    const farther = [...held.farther(name).take(tooMany)]
    return farther.length < tooMany ? null : farther
  }
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
    if (!rate.take(provider.toString())) {
      refused('too-many-writes')
      throw new TooManyWritesError(
        `more than ${limits.writesPerSecond} provider records a second: write more slowly`,
      )
    }
    await loadOnce()
    await remove(overNow())
    const name = `${PREFIX}${base32.baseEncode(multihash)}/${provider.toString()}`
    const leaving = givingWay(name)
    if (leaving === null) {
      refused('full')
      throw new StoreFullError(
        `this node holds ${held.count} provider records, and too few are farther from it than this one`,
      )
    }
    // Before anything is awaited: what comes at the same time must find the room taken.
    const removing = remove(leaving)
    const noted = held.note(name, { bytes: name.length, receivedMs: clock.now() })
    try {
      await removing
      await inTurn.run(name, async () => {
        if (held.get(name) !== undefined) await write()
      })
    } catch (error) {
      held.takeBack(noted)
      if (held.isLeaving(name)) await remove([name])
      throw error
    }
    held.written(noted)
  }

  guardProviders(kad, async (key, provider, write) => admit(key.multihash.bytes, provider, write))
  return {
    async count() {
      await loadOnce()
      return held.count
    },
    onRefused: (listener) => void listeners.push(listener),
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
