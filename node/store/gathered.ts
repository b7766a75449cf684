import type { Contact } from '../kad/distance.ts'
import { compareRecords, type StoredRecord } from './records.ts'

/** A record that a peer has; null for this node. */
export interface Copy {
  readonly from: Contact | null
  readonly record: StoredRecord
}

/** The copies of what is under one key that a read has found, and what they amount to. */
export class Gathered {
  readonly #copies: Copy[] = []
  /** Nothing older than that is given. */
  #floor: StoredRecord | null
  #newest: Copy | null = null

  /**
   * @param own this node's copy
   * @param floor what was read here before
   */
  constructor(own: StoredRecord | null, floor: StoredRecord | null) {
    this.#floor = floor
    if (own !== null) this.add({ from: null, record: own })
  }

  /** What was read here meanwhile: nothing older is given from now on. */
  raise(floor: StoredRecord | null): void {
    if (floor === null) return
    if (this.#floor === null || compareRecords(floor, this.#floor) > 0) this.#floor = floor
  }

  add(copy: Copy): void {
    this.#copies.push(copy)
    if (this.#newest === null || compareRecords(copy.record, this.#newest.record) > 0) {
      this.#newest = copy
    }
  }

  /** A record of the same bytes that was found already. */
  find(bytes: Uint8Array): StoredRecord | null {
    const isSame = ({ record }: Copy): boolean => Buffer.compare(record.bytes, bytes) === 0
    return this.#copies.find(isSame)?.record ?? null
  }

  /** The newest that was found, or what was read before where that is newer. Null where there is neither. */
  get newest(): Copy | null {
    const floor = this.#floor
    if (floor === null) return this.#newest
    if (this.#newest !== null && compareRecords(this.#newest.record, floor) >= 0)
      return this.#newest
    return { from: null, record: floor }
  }

  /** Copies of the newest that were found. */
  get agreed(): number {
    const newest = this.newest?.record
    if (newest === undefined) return 0
    return this.#copies.filter(({ record }) => isSameRecord(record, newest)).length
  }

  /** True where a peer gave a record that is not older than what is known here. */
  get hasFromPeer(): boolean {
    const newest = this.newest?.record
    return this.#copies.some(
      ({ from, record }) =>
        from !== null && newest !== undefined && compareRecords(record, newest) >= 0,
    )
  }

  /** Copies that are older than the newest. */
  older(): Copy[] {
    const newest = this.newest?.record
    if (newest === undefined) return []
    return this.#copies.filter(({ record }) => compareRecords(record, newest) < 0)
  }
}

/** Plain records have no version: only the same bytes are the same. */
function isSameRecord(one: StoredRecord, other: StoredRecord): boolean {
  return compareRecords(one, other) === 0 && Buffer.compare(one.bytes, other.bytes) === 0
}
