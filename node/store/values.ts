import type { AbortOptions } from '../base/abort-options.ts'
import type { ItemLimits } from '../config/item-limits.ts'
import type { Question } from '../kad/client.ts'
import { type Contact, placeOf } from '../kad/distance.ts'
import type { LookupResult } from '../kad/lookup.ts'
import { decodeRecord, encodeFrame, encodeRecord, type WireMessage } from '../kad/message.ts'
import type { KadWire } from '../kad/wire.ts'
import type { Clock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import { StoreError, StoreFullError, UnansweredError } from './errors.ts'
import type { LocalRecords } from './local-records.ts'
import type { GetOutcome, PutOptions, PutOutcome } from './outcomes.ts'
import { checkedValue, recordKey, validateKvRecord } from './records.ts'
import { spread } from './spread.ts'

export interface ValuesComponents {
  wire: KadWire
  local: LocalRecords
  clock: Clock
  /** Told of each key whose value this node has put and kept a copy of, whether or not others took it. */
  onKept?: (key: string) => void
}

export interface ValuesOptions {
  /** Copies at other peers below which a put fails, where the call names no number. */
  minCopies: number
  /** Time for a whole put or get in milliseconds. */
  queryTimeoutMs: number
  items: ItemLimits
  /** Questions of one call under way at a time: Kademlia's alpha. */
  parallel: number
}

/** A lookup for a put has ended when so many of the closest peers have answered, as in go's. */
const ENOUGH_TO_PUT = 3

/** Values under keys, on the DHT. */
export interface Values {
  /**
   * Stores a value at the peers closest to its key, and at this node. A put that fails keeps this node's copy, and
   * the copies made: it may be repeated.
   *
   * @throws InvalidKeyError, InvalidValueError
   * @throws StoreError where fewer than `minCopies` other peers stored it.
   */
  put(key: string, value: Uint8Array, options?: PutOptions): Promise<PutOutcome>
  /**
   * The first valid record: this node's own, else that of the first peer that has one. Null where none of the closest
   * peers has one, also where there is nobody to ask.
   *
   * @throws InvalidKeyError
   * @throws UnansweredError where none was found, and fewer than half of the closest peers have answered: a put is
   *   content with half of them, so that the others may have it.
   */
  get(key: string, options?: AbortOptions): Promise<GetOutcome | null>
}

export function createValues(components: ValuesComponents, options: ValuesOptions): Values {
  const { wire, local, clock, onKept } = components
  const { items, parallel, queryTimeoutMs: limitMs } = options

  return {
    async put(key, value, { minCopies = options.minCopies, signal: caller } = {}) {
      const record = recordKey(key, items)
      checkedValue(value, items)
      const kept = await keep(record, value)
      const holders = await within(clock, limitMs, caller, async (signal) => {
        const targets = await closestTo(record, signal)
        const stored = encodeRecord({ key: record, value })
        const frame = encodeFrame({ type: 'PUT_VALUE', key: record, record: stored })
        const question = { type: 'PUT_VALUE', frame } as const
        const wanted = Math.max(minCopies, Math.floor(targets.length / 2) + 1)
        const { client } = wire
        return spread({ client, clock }, { question, value, targets, wanted, signal })
      })
      caller?.throwIfAborted()
      if (kept) onKept?.(key)
      if (holders.length < minCopies) throw tooFewCopies(key, minCopies, holders.length, wire)
      return { copies: holders.length }
    },

    async get(key, { signal: caller } = {}) {
      const record = recordKey(key, items)
      caller?.throwIfAborted()
      const own = await local.get(record)
      if (own !== null) return { value: own, from: null }
      let found: GetOutcome | null = null
      const lookup = {
        place: placeOf(record),
        question: questionOf('GET_VALUE', record),
        count: wire.count,
        enough: wire.count,
        quorum: halfOf,
        parallel,
        onAnswer: (from: Contact, answer: WireMessage): boolean => {
          const value = valueIn(answer, record, items)
          if (value !== null) found ??= { value, from: from.peerId.toString() }
          return found !== null
        },
      }
      // A lookup whose time is over has found what it could.
      const run = (signal: AbortSignal) => wire.lookUp({ ...lookup, signal })
      const result = await within(clock, limitMs, caller, run, () => null)
      if (found === null) checkAnswered(key, result)
      return found
    },
  }

  /** False where this node is full of records that are closer to it: others may have room. */
  async function keep(record: Uint8Array, value: Uint8Array): Promise<boolean> {
    try {
      await local.put(record, value, null)
      return true
    } catch (error) {
      if (error instanceof StoreFullError) return false
      throw error
    }
  }

  async function closestTo(record: Uint8Array, signal: AbortSignal): Promise<Contact[]> {
    const question = questionOf('FIND_NODE', record)
    const lookup = { place: placeOf(record), question, count: wire.count, parallel, signal }
    const { closest } = await wire.lookUp({ ...lookup, enough: ENOUGH_TO_PUT })
    return closest
  }
}

/** At least half, which has one in common with every majority. */
function halfOf(contacts: number): number {
  return contacts - Math.floor(contacts / 2)
}

/** @throws UnansweredError where the lookup, null where its time was over, says nothing of whether there is a record. */
function checkAnswered(key: string, result: LookupResult | null): void {
  const name = JSON.stringify(key)
  if (result === null) {
    throw new UnansweredError(`whether there is a value under ${name} was not answered in time`)
  }
  const { asked, silent } = result
  const answered = asked - silent.length
  if (answered >= halfOf(asked)) return
  throw new UnansweredError(
    `expected an answer of ${halfOf(asked)} of the ${asked} peers closest to ${name}, ${answered} answered and have no value: ` +
      'the others may; try again, and ask discovery which of them can be dialled',
  )
}

function questionOf(type: 'FIND_NODE' | 'GET_VALUE', key: Uint8Array): Question {
  return { type, frame: encodeFrame({ type, key }) }
}

/** The value that an answer carries for a record key; null where it carries none that is valid. */
function valueIn(answer: WireMessage, key: Uint8Array, items: ItemLimits): Uint8Array | null {
  if (answer.record === undefined) return null
  try {
    const record = decodeRecord(answer.record)
    if (Buffer.compare(record.key, key) !== 0) return null
    validateKvRecord(key, record.value, items)
    return record.value
  } catch {
    return null
  }
}

function tooFewCopies(key: string, expected: number, seen: number, wire: KadWire): StoreError {
  const { listed } = wire
  const why =
    listed === 0
      ? 'the routing table is empty; ask discovery why nobody is listed'
      : `the routing table lists ${listed}; ask discovery which of them can be dialled`
  return new StoreError(
    `expected ${expected} other peers to store ${JSON.stringify(key)}, ${seen} did: ${why}`,
    { expected, seen },
  )
}
