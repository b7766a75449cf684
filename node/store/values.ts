import type { PrivateKey } from '@libp2p/interface'
import type { AbortOptions } from '../base/abort-options.ts'
import type { Question } from '../kad/client.ts'
import { type Contact, placeOf } from '../kad/distance.ts'
import type { LookupResult } from '../kad/lookup.ts'
import { encodeFrame, encodeRecord } from '../kad/message.ts'
import type { KadWire } from '../kad/wire.ts'
import type { Clock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import { isLife, LONGEST_LIFE_MS, seal } from './envelope.ts'
import {
  AgreementError,
  InvalidValueError,
  StoreError,
  StoreFullError,
  VersionError,
} from './errors.ts'
import { HybridClock } from './hybrid-clock.ts'
import { checkedValue, recordKey } from './items.ts'
import type { Kept, LocalRecords } from './local-records.ts'
import type {
  CurrentRecord,
  GetOptions,
  GetOutcome,
  PutOptions,
  PutOutcome,
  WriteOptions,
} from './outcomes.ts'
import { Reading } from './reading.ts'
import {
  checkOwner,
  compareRecords,
  openRecord,
  type RecordRules,
  type StoredRecord,
} from './records.ts'
import { spread } from './spread.ts'
import { compareVersions, parseVersion, type Version, versionText } from './version.ts'

export interface ValuesComponents {
  wire: KadWire
  local: LocalRecords
  clock: Clock
  /** Signs what this node writes. */
  privateKey: PrivateKey
  rules: RecordRules
  /** Told of each key under which this node has written and kept a record, whether or not others took it. */
  onKept?: (key: string) => void
}

export interface ValuesOptions {
  /** Copies at other peers below which a put fails, where the call names no number; null: a majority. */
  minCopies: number | null
  /** Time for a whole put or get in milliseconds. */
  queryTimeoutMs: number
  /** Questions of one call under way at a time: Kademlia's alpha. */
  parallel: number
}

/** A lookup for a put has ended when so many of the closest peers have answered, as in go's. */
const ENOUGH_TO_PUT = 3
/** How often a write is made anew above a newer version that its holders turn out to have. */
const MAX_ATTEMPTS = 4

/** Values under keys, on the DHT. */
export interface Values {
  /**
   * Stores a value at the peers closest to its key, and at this node, as a record that is newer than what any of them
   * holds. A put that fails keeps this node's copy, and the copies made: it may be repeated.
   *
   * @throws InvalidKeyError, InvalidValueError, InvalidVersionError, NotOwnerError
   * @throws VersionError where another version than `ifVersion` is there
   * @throws StoreError where fewer than the wanted other peers stored it
   */
  put(key: string, value: Uint8Array, options?: PutOptions): Promise<PutOutcome>
  /**
   * Deletes what is under a key: stores that nothing is there, as a put stores a value. It is kept for 48 h, longer than
   * what it deletes may live anywhere.
   *
   * @throws as `put`
   */
  delete(key: string, options?: WriteOptions): Promise<PutOutcome>
  /**
   * The newest record that is found. Null where it is a deletion, and where no peer that answers has one, also where
   * there is nobody to ask.
   *
   * @throws InvalidKeyError
   * @throws UnansweredError where none was found, and too few of the closest peers have answered to know
   * @throws AgreementError where fewer copies than wanted are of the newest version
   */
  get(key: string, options?: GetOptions): Promise<GetOutcome | null>
  /**
   * As `get`, but that a key was deleted is told too, with the deletion's version. Null where nothing is known of it.
   *
   * @throws as `get`
   */
  current(key: string, options?: AbortOptions): Promise<CurrentRecord | null>
}

export function createValues(components: ValuesComponents, options: ValuesOptions): Values {
  const { wire, local, clock, privateKey, rules, onKept } = components
  const { parallel, queryTimeoutMs: limitMs } = options
  const { items } = rules
  const self = wire.kad.components.peerId.toString()
  const time = new HybridClock(clock, self)
  const reading = new Reading(components, { limitMs, parallel })

  return {
    async put(key, value, { ttlMs = LONGEST_LIFE_MS, ...wanted } = {}) {
      checkedValue(value, items)
      if (!isLife(ttlMs)) {
        throw new InvalidValueError(
          `a record lives 1 s to 48 h, in whole ms: not ${ttlMs} ms; put it again before it is over`,
        )
      }
      return write(key, { value, lifeMs: ttlMs }, wanted)
    },

    delete: async (key, wanted = {}) =>
      write(key, { value: null, lifeMs: LONGEST_LIFE_MS }, wanted),

    async get(key, { agree, signal: caller } = {}) {
      const record = recordKey(key, items)
      const found = await reading.find(record, agree ?? null, caller)
      if (found === null) return null
      const { version, value } = found.record
      if (agree !== undefined && found.agreed < agree) throw tooFewAgree(key, agree, found.agreed)
      if (value === null) return null
      return {
        value,
        from: found.from?.peerId.toString() ?? null,
        version: version === null ? null : versionText(version),
        writer: version?.writer ?? null,
        agreed: found.agreed,
      }
    },

    async current(key, { signal: caller } = {}) {
      const found = await reading.find(recordKey(key, items), null, caller)
      if (found === null) return null
      const { version, value } = found.record
      const writer = version?.writer ?? null
      return { value, version: version === null ? null : versionText(version), writer }
    },
  }

  async function write(key: string, content: Content, wanted: WriteOptions): Promise<PutOutcome> {
    const record = recordKey(key, items)
    checkOwner(key, self)
    const { replicas = options.minCopies, ifVersion, signal: caller } = wanted
    if (ifVersion !== undefined) await requireVersion(key, record, ifVersion, caller)
    let kept = false
    const overtakenBy = ({ version }: StoredRecord, isHeld: boolean): void => {
      if (version === null) return
      if (ifVersion !== undefined) throw otherVersion(key, ifVersion, versionText(version))
      if (isHeld) time.holds(version)
      else time.saw(version)
    }
    try {
      return await within(clock, limitMs, caller, async (signal) => {
        const finding = closestTo(record, signal)
        // It is awaited below, or not at all where this node itself refuses the record.
        finding.catch(() => {})
        for (let attempt = 1; ; attempt += 1) {
          const version = time.next()
          const bytes = await seal(privateKey, record, { version, ...content })
          const stored: StoredRecord = { bytes, version, value: content.value }
          const own = await keep(record, stored)
          kept ||= own?.as === 'new'
          if (own?.as === 'older' && attempt < MAX_ATTEMPTS) {
            overtakenBy(own.held, true)
            continue
          }
          reading.note(record, stored)
          const { closest: targets, witnesses } = await finding
          const copies = await store(record, stored, { targets, witnesses, replicas, signal })
          caller?.throwIfAborted()
          if (copies.newer !== null && attempt < MAX_ATTEMPTS) {
            overtakenBy(copies.newer, false)
            continue
          }
          const { holders, seen, expected, refusal, refused } = copies
          if (seen < expected) {
            throw tooFewCopies(key, { expected, seen, wire, refusal, refused, kept })
          }
          const names = holders.map(({ peerId }) => peerId.toString())
          return { copies: names.length, holders: names, version: versionText(version) }
        }
      })
    } finally {
      if (kept) onKept?.(key)
    }
  }

  /** Reads what is there from as many as answer. */
  async function requireVersion(
    key: string,
    record: Uint8Array,
    expected: string | null,
    caller: AbortSignal | undefined,
  ): Promise<void> {
    const wanted: Version | null = expected === null ? null : parseVersion(expected)
    const found = await reading.find(record, Infinity, caller)
    const version = found?.record.version ?? null
    const isThere = found !== null && found.record.value !== null
    const isAsWanted =
      wanted === null
        ? !isThere
        : isThere && version !== null && compareVersions(version, wanted) === 0
    if (!isAsWanted) {
      const plain = version === null ? 'a plain record' : versionText(version)
      throw otherVersion(key, expected, isThere ? plain : null)
    }
    if (version === null) return
    if (found?.from === null) time.holds(version)
    else time.saw(version)
  }

  /** Has the peers closest to a key store a record; what is newer is told, and why a record was not believed. */
  async function store(
    record: Uint8Array,
    { bytes }: StoredRecord,
    { targets, witnesses, replicas, signal }: StoreOptions,
  ): Promise<Copies> {
    const { client } = wire
    let newer: StoredRecord | null = null
    let refusal: unknown
    let refused = 0
    const frame = encodeFrame({
      type: 'PUT_VALUE',
      key: record,
      record: encodeRecord({ key: record, value: bytes }),
    })
    const wanted = (): number => {
      if (replicas !== null) return replicas
      const lively = witnesses.filter(({ name }) => !client.pace.isStalled(name))
      return Math.floor(lively.length / 2) + 1
    }
    // What a crowd of one host says that it holds makes no majority.
    const counts = (holder: Contact): boolean => replicas !== null || witnesses.includes(holder)
    const onOther = (_from: Contact, value: Uint8Array): void => {
      try {
        const other = openRecord(record, value, rules)
        if (newer === null || compareRecords(other, newer) > 0) newer = other
      } catch (error) {
        refusal = error
      }
    }
    const question: Question = { type: 'PUT_VALUE', frame }
    const holders = await spread(
      { client, clock },
      {
        question,
        value: bytes,
        targets,
        wanted,
        counts,
        onOther,
        onRefused: () => (refused += 1),
        signal,
      },
    )
    const seen = holders.filter(counts).length
    return { holders, seen, newer, expected: wanted(), refusal, refused }
  }

  /** Null where this node is full of records that are closer to it: others may have room. */
  async function keep(record: Uint8Array, stored: StoredRecord): Promise<Kept | null> {
    try {
      return await local.put(record, stored, null)
    } catch (error) {
      if (error instanceof StoreFullError) return null
      throw error
    }
  }

  async function closestTo(record: Uint8Array, signal: AbortSignal): Promise<LookupResult> {
    const frame = encodeFrame({ type: 'FIND_NODE', key: record })
    const question: Question = { type: 'FIND_NODE', frame }
    const lookup = { place: placeOf(record), question, count: wire.count, parallel, signal }
    return wire.lookUp({ ...lookup, enough: ENOUGH_TO_PUT })
  }
}

/** What a write leaves under a key: null for nothing. */
interface Content {
  value: Uint8Array | null
  lifeMs: number
}

interface StoreOptions {
  targets: readonly Contact[]
  /** Those of them whose word counts for a majority. */
  witnesses: readonly Contact[]
  /** Null: a majority of those that answer. */
  replicas: number | null
  signal: AbortSignal
}

interface Copies {
  holders: Contact[]
  /** Those of them that count. */
  seen: number
  /** What a peer has that is newer. */
  newer: StoredRecord | null
  expected: number
  /** Why what a peer answered in place of the record is not believed; undefined where it is. */
  refusal: unknown
  /** Peers that were reached and refused the record. */
  refused: number
}

interface Shortage {
  expected: number
  seen: number
  wire: KadWire
  refusal: unknown
  refused: number
  /** Whether this node has the record all the same. */
  kept: boolean
}

function tooFewCopies(key: string, shortage: Shortage): StoreError {
  const { expected, seen, wire, refusal, refused, kept } = shortage
  const { listed } = wire
  const why =
    listed === 0
      ? 'the routing table is empty; ask discovery why nobody is listed'
      : refused > 0
        ? `${refused} refused it by rules of their own (kubo keeps no namespace but its own, a node takes so many writes a second and no larger values than its limits): see their logs`
        : `the routing table lists ${listed}; ask discovery which of them can be dialled`
  const own = kept
    ? '. This node keeps its own copy: that it reads back here says nothing of others'
    : ''
  return new StoreError(
    `expected ${expected} other peers to store ${JSON.stringify(key)}, ${seen} did: ${why}${own}`,
    { expected, seen },
    refusal === undefined ? {} : { cause: refusal },
  )
}

function tooFewAgree(key: string, expected: number, seen: number): AgreementError {
  return new AgreementError(
    `expected ${expected} copies of the newest version of ${JSON.stringify(key)}, saw ${seen}: ask for fewer, or wait until others have it`,
  )
}

function otherVersion(key: string, expected: string | null, seen: string | null): VersionError {
  return new VersionError(
    `expected ${expected ?? 'nothing'} under ${JSON.stringify(key)}, saw ${seen ?? 'nothing'}: read it again before it is replaced`,
  )
}
