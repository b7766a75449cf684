import type { StoredRecord } from './records.ts'

/** Records that are kept in memory: this node's last reads. */
const MAX_RECORDS = 1000
const MAX_BYTES = 4 * 1024 * 1024

/** The newest record under each key that was read here lately: what a reader has seen does not go back. */
export class SeenRecords {
  /** By record key as latin1 text; the one that was noted last comes last. */
  readonly #records = new Map<string, StoredRecord>()
  #bytes = 0

  get(name: string): StoredRecord | null {
    return this.#records.get(name) ?? null
  }

  note(name: string, record: StoredRecord): void {
    this.#delete(name)
    this.#records.set(name, record)
    this.#bytes += record.bytes.byteLength
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= MAX_RECORDS && this.#bytes <= MAX_BYTES) return
      this.#delete(oldest)
    }
  }

  #delete(name: string): void {
    const known = this.#records.get(name)
    if (known === undefined) return
    this.#records.delete(name)
    this.#bytes -= known.bytes.byteLength
  }
}
