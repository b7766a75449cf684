import type { KadDHTInit } from '@libp2p/kad-dht'
import type { NodeConfig } from '../config/config.ts'
import type { ItemLimits } from '../config/item-limits.ts'
import type { Clock } from '../time/clock.ts'
import {
  ENVELOPE_BYTES,
  type Envelope,
  isEnvelope,
  openEnvelope,
  readEnvelope,
} from './envelope.ts'
import { InvalidKeyError, InvalidRecordError, NotOwnerError, PlainRecordError } from './errors.ts'
import { MAX_AHEAD_MS } from './hybrid-clock.ts'
import { checkedValue, KV_NAMESPACE, keyOfRecord, itemLimits, PREFIX } from './items.ts'
import { compareVersions, type Version } from './version.ts'

const PLAIN = 'a record without an envelope'

/** What a node takes and believes. */
export interface RecordRules {
  readonly items: ItemLimits
  /** Records without an envelope, of other implementations, count (`PLAIN_RECORDS=allow`). */
  readonly plain: boolean
  readonly clock: Clock
}

/** What a node of these settings takes. */
export function recordRules(
  config: Pick<NodeConfig, 'maxKeyBytes' | 'maxValueBytes' | 'plainRecords'>,
  clock: Clock,
): RecordRules {
  return { items: itemLimits(config), plain: config.plainRecords === 'allow', clock }
}

/** A record as it is under a key. */
export interface StoredRecord {
  /** As it is kept and sent. */
  readonly bytes: Uint8Array
  /** Null for a plain one: it is older than any other. */
  readonly version: Version | null
  /** Null where the key was deleted. */
  readonly value: Uint8Array | null
}

/**
 * Checks what another peer says is under a record key: its form and size, its signature, that its writer may write
 * there, and its time.
 *
 * @throws InvalidKeyError, InvalidValueError, InvalidRecordError, NotOwnerError, PlainRecordError
 */
export function openRecord(
  record: Uint8Array,
  bytes: Uint8Array,
  rules: RecordRules,
): StoredRecord {
  const { items, clock } = rules
  const key = keyOfRecord(record, items)
  if (key === null) {
    throw new InvalidKeyError(`a record key is ${PREFIX} and 1 to ${items.keyBytes} bytes of UTF-8`)
  }
  if (!isEnvelope(bytes)) {
    if (!rules.plain) throw new PlainRecordError(`${PLAIN}: this node takes none`)
    checkedValue(bytes, items)
    checkOwner(key, null)
    return { bytes, version: null, value: bytes }
  }
  checkedValue(bytes, { ...items, valueBytes: items.valueBytes + ENVELOPE_BYTES })
  const envelope = openEnvelope(record, bytes)
  const { version, value } = envelope
  if (value !== null) checkedValue(value, items)
  checkOwner(key, version.writer)
  const aheadMs = version.timeMs - clock.now()
  if (aheadMs > MAX_AHEAD_MS) {
    throw new InvalidRecordError(
      `a record of ${Math.round(aheadMs / 1000)} s in the future: at most ${MAX_AHEAD_MS / 1000} s are taken; check both clocks`,
      { isOfFuture: true },
    )
  }
  if (isOver(envelope, clock.now())) throw new InvalidRecordError('the record’s time is over')
  return { bytes, version, value }
}

/** A record that this node holds; null where it does not count, or its time is over. It was checked when it came. */
export function readRecord(
  bytes: Uint8Array,
  { plain, clock }: Pick<RecordRules, 'plain' | 'clock'>,
): StoredRecord | null {
  if (!isEnvelope(bytes)) return plain ? { bytes, version: null, value: bytes } : null
  try {
    const envelope = readEnvelope(bytes)
    const { version, value } = envelope
    return isOver(envelope, clock.now()) ? null : { bytes, version, value }
  } catch {
    return null
  }
}

/**
 * Below 0 where `one` is older than `other`. A plain record is older than any with an envelope, and as old as any other
 * plain one. What a writer signed twice under one version is ordered by its bytes: alike at every node.
 */
export function compareRecords(one: StoredRecord, other: StoredRecord): number {
  if (one.version === null || other.version === null) {
    return Number(one.version !== null) - Number(other.version !== null)
  }
  return compareVersions(one.version, other.version) || Buffer.compare(one.bytes, other.bytes)
}

/**
 * Refuses a write under `own/<peer id>/` by anybody else.
 *
 * @param writer null where nobody says who writes
 * @throws NotOwnerError
 */
export function checkOwner(key: string, writer: string | null): void {
  const [, owner] = /^\/?own\/([^/]*)/.exec(key) ?? []
  if (owner === undefined || owner === writer) return
  throw new NotOwnerError(
    `${JSON.stringify(key)} may be written by its owner alone, the peer ${JSON.stringify(owner)}; the writer is ${writer ?? 'not known'}`,
  )
}

/** Index of the newest of some records under a key; the first one that is valid where they are as old. */
export function selectKvRecord(values: readonly Uint8Array[], rules: RecordRules): number {
  let best: { index: number; record: StoredRecord } | null = null
  for (const [index, bytes] of values.entries()) {
    const record = readRecord(bytes, rules)
    if (record === null) continue
    if (best === null || compareRecords(record, best.record) > 0) best = { index, record }
  }
  return best?.index ?? 0
}

/**
 * `validators` and `selectors` for kad-dht: only its own reading of values asks them. This node reads and answers by its
 * own (`values.ts`, `answer-values.ts`), under the same rules.
 */
export function kvRecords(
  rules: RecordRules,
): Required<Pick<KadDHTInit, 'validators' | 'selectors'>> {
  return {
    validators: { [KV_NAMESPACE]: async (record, value) => void openRecord(record, value, rules) },
    selectors: { [KV_NAMESPACE]: (_record, values) => selectKvRecord(values, rules) },
  }
}

function isOver({ version, lifeMs }: Envelope, nowMs: number): boolean {
  return nowMs > version.timeMs + lifeMs
}
