import type { Question } from '../kad/client.ts'
import { type Contact, placeOf } from '../kad/distance.ts'
import {
  decodeRecord,
  encodeFrame,
  encodeRecord,
  nameOfBytes,
  type WireMessage,
} from '../kad/message.ts'
import type { KadWire } from '../kad/wire.ts'
import type { Clock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import { checkAnswered, halfOf } from './answered.ts'
import { InvalidRecordError } from './errors.ts'
import { type Copy, Gathered } from './gathered.ts'
import { keyOfRecord } from './items.ts'
import type { LocalRecords } from './local-records.ts'
import {
  compareRecords,
  openRecord,
  readRecord,
  type RecordRules,
  type StoredRecord,
} from './records.ts'
import { SeenRecords } from './seen-records.ts'

/** How long a peer may take to say that it has something newer than this node's own copy. */
const QUICK_MS = 50
/** So many of the peers closest to a key are asked whether they have something newer than this node's own copy. */
const BESIDE_OWN = 1

export interface ReadingComponents {
  wire: KadWire
  local: LocalRecords
  clock: Clock
  rules: RecordRules
}

export interface ReadingOptions {
  /** Time for a whole read in ms. */
  limitMs: number
  /** Questions under way at a time. */
  parallel: number
}

/** The newest record that was found under a key. */
export interface Found extends Copy {
  /** Copies of it that were seen, this node's own among them. */
  readonly agreed: number
}

/** Reads records of this node and of others; holders of older ones are told what is newer, in the background. */
export class Reading {
  readonly #components: ReadingComponents
  readonly #options: ReadingOptions
  readonly #seen = new SeenRecords()

  constructor(components: ReadingComponents, options: ReadingOptions) {
    this.#components = components
    this.#options = options
  }

  /**
   * The newest record that is found under a key, a deletion too; null where nobody who answers has one.
   *
   * @param agree copies of one version that are looked for; Infinity for as many as half of the closest peers give; null for the first record that a peer gives, or this node's
   *   own where that is newer, or no peer answers quickly
   * @throws UnansweredError where none was found, and fewer than half of the closest peers have answered: a put is
   *   content with half of them, so that the others may have it
   */
  async find(
    key: Uint8Array,
    agree: number | null,
    caller: AbortSignal | undefined,
  ): Promise<Found | null> {
    const { local, wire, clock, rules } = this.#components
    caller?.throwIfAborted()
    const own = await local.get(key)
    const gathered = new Gathered(own, this.#floor(key))
    if (own === null || agree !== 1) {
      const beside = own !== null && agree === null
      const isEnough = (): boolean =>
        agree === null ? gathered.hasFromPeer : gathered.agreed >= agree
      const { limitMs, parallel } = this.#options
      const doubted: Error[] = []
      const lookup = {
        place: placeOf(key),
        question: { type: 'GET_VALUE', frame: encodeFrame({ type: 'GET_VALUE', key }) } as const,
        count: wire.count,
        enough: beside ? BESIDE_OWN : wire.count,
        // Who is late may be the one whose copy is still wanted.
        quorum: (contacts: number): number =>
          beside ? 0 : Number.isFinite(agree ?? Infinity) ? contacts : halfOf(contacts),
        parallel: beside ? BESIDE_OWN : parallel,
        onAnswer: (from: Contact, answer: WireMessage): boolean => {
          const record = this.#recordIn(answer, key, gathered, doubted)
          if (record !== null) gathered.add({ from, record })
          return isEnough()
        },
      }
      // A lookup whose time is over has found what it could.
      const timeMs = beside ? Math.min(QUICK_MS, limitMs) : limitMs
      const run = (signal: AbortSignal) => wire.lookUp({ ...lookup, signal })
      const result = await within(clock, timeMs, caller, run, () => null)
      const name = keyOfRecord(key, rules.items) ?? ''
      if (gathered.newest === null) checkAnswered(name, result, doubted)
    }
    // Another read of the same key may have ended, with something newer, while this one looked.
    gathered.raise(this.#floor(key))
    const { newest, agreed } = gathered
    if (newest === null) return null
    this.note(key, newest.record)
    this.#repair(key, newest.record, gathered.older())
    return { ...newest, agreed }
  }

  /** What was read or written here: nothing older is given from now on. */
  note(key: Uint8Array, record: StoredRecord): void {
    const floor = this.#floor(key)
    if (floor !== null && compareRecords(record, floor) < 0) return
    this.#seen.note(nameOfBytes(key), record)
  }

  /** What was read or written here last, as long as it counts. */
  #floor(key: Uint8Array): StoredRecord | null {
    const seen = this.#seen.get(nameOfBytes(key))
    return seen === null ? null : readRecord(seen.bytes, this.#components.rules)
  }

  /** The record that an answer carries for a key; null where it carries none that is valid, or one that may be. */
  #recordIn(
    answer: WireMessage,
    key: Uint8Array,
    gathered: Gathered,
    doubted: Error[],
  ): StoredRecord | null {
    if (answer.record === undefined) return null
    try {
      const { key: recordKey, value } = decodeRecord(answer.record)
      if (Buffer.compare(recordKey, key) !== 0) return null
      return gathered.find(value) ?? openRecord(key, value, this.#components.rules)
    } catch (error) {
      // It may be this node's clock that is wrong.
      if (error instanceof InvalidRecordError && error.isOfFuture) doubted.push(error)
      return null
    }
  }

  /** Nobody waits for it, and what fails is left to the next read and to republishing. */
  #repair(key: Uint8Array, { bytes }: StoredRecord, older: readonly Copy[]): void {
    if (older.length === 0) return
    const { wire, local, rules } = this.#components
    const record = encodeRecord({ key, value: bytes })
    const frame = encodeFrame({ type: 'PUT_VALUE', key, record })
    const question: Question = { type: 'PUT_VALUE', frame }
    const repairOne = async ({ from }: Copy): Promise<void> => {
      try {
        if (from !== null) await wire.client.ask(from, question)
        else await local.put(key, openRecord(key, bytes, rules), null)
      } catch {
        // Why a peer did not take it is in the metrics.
      }
    }
    for (const copy of older) void repairOne(copy)
  }
}
