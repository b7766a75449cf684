import { newRecord, type TargetRecord } from './target-record.ts'

/** The records of all targets of one observer, by peer id; as many as fit. */
export class TargetRecords {
  readonly #records = new Map<string, TargetRecord>()
  readonly #limit: number
  readonly #isNeeded: (record: TargetRecord) => boolean

  /** Beyond `limit` the oldest record that is not needed is forgotten. */
  constructor(limit: number, isNeeded: (record: TargetRecord) => boolean) {
    this.#limit = limit
    this.#isNeeded = isNeeded
  }

  get(peerId: string): TargetRecord | undefined {
    return this.#records.get(peerId)
  }

  /** The record of a peer, a new one where there is none. */
  of(peerId: string): TargetRecord {
    const known = this.#records.get(peerId)
    if (known !== undefined) return known
    if (this.#records.size >= this.#limit) this.#forgetOldest()
    const record = newRecord(peerId)
    this.#records.set(peerId, record)
    return record
  }

  values(): TargetRecord[] {
    return [...this.#records.values()]
  }

  clear(): void {
    this.#records.clear()
  }

  #forgetOldest(): void {
    const oldest = this.values().find((record) => !this.#isNeeded(record))
    if (oldest !== undefined) this.#records.delete(oldest.peerId)
  }
}
