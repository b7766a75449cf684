import { ByDistance } from './by-distance.ts'

/** A record that is held. */
export interface Held {
  /** Of its key and value. */
  readonly bytes: number
  readonly receivedMs: number
}

interface Entry {
  readonly record: Held
  /** It takes no room any more, and is still there until it was deleted. */
  leaving: boolean
  /** What it takes the place of, until it is written. */
  before: Entry | null
  /** It could not be written. */
  failed: boolean
}

/** A record that is noted and not written yet. */
export interface Noted {
  readonly name: string
  readonly entry: Entry
}

/**
 * The books of what is held: how many records, how many bytes, in the order of their distance and of their age. What
 * could not be done is taken back, and then stands where it stood.
 */
export class HeldRecords {
  /** By key as latin1 text, the one that was received first at the head. */
  readonly #entries = new Map<string, Entry>()
  readonly #order: ByDistance
  #count = 0
  #bytes = 0

  /**
   * @param place of the node that holds them, 32 bytes
   * @param keyOf what of a name has a place in the key space, as latin1 text; default: all of it
   */
  constructor(place: Uint8Array, keyOf?: (name: string) => string) {
    this.#order = new ByDistance(place, keyOf)
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Undefined for one that is leaving. */
  get(name: string): Held | undefined {
    const entry = this.#entries.get(name)
    return entry === undefined || entry.leaving ? undefined : entry.record
  }

  /** True for what is held, is being written or deleted. */
  isNoted(name: string): boolean {
    return this.#entries.has(name)
  }

  /** Names and records, the one that was received first at the head. */
  *oldest(): Generator<[string, Held]> {
    for (const [name, { record, leaving }] of this.#entries) if (!leaving) yield [name, record]
  }

  /** Names in the order of age; some may be leaving. */
  names(): Iterable<string> {
    return this.#entries.keys()
  }

  /** Names that are farther than another, farthest first. */
  farther(name: string): Generator<string> {
    return this.#order.beyond(this.#order.distanceOf(name))
  }

  /**
   * Begins with what the database holds, while nothing is held: the one that was received first at the head. Of a name that
   * comes twice the first record counts.
   */
  begin(records: readonly (readonly [string, Held])[]): void {
    for (const [name, record] of records) {
      if (this.#entries.has(name)) continue
      this.#entries.set(name, { record, leaving: false, before: null, failed: false })
      this.#count += 1
      this.#bytes += record.bytes
    }
    this.#order.addAll(this.#entries.keys())
  }

  /** Takes room for a record; what has its name keeps its place in the order of age until it is written. */
  note(name: string, record: Held): Noted {
    const before = this.#entries.get(name) ?? null
    const entry: Entry = { record, leaving: false, before, failed: false }
    this.#put(name, entry)
    return { name, entry }
  }

  /** A noted record is written: it is the newest. */
  written({ name, entry }: Noted): void {
    const isNew = entry.before === null
    entry.before = null
    if (isNew || this.#entries.get(name) !== entry) return
    this.#entries.delete(name)
    this.#entries.set(name, entry)
  }

  /** A noted record could not be written: what was before it is held again. */
  takeBack({ name, entry }: Noted): void {
    entry.failed = true
    if (this.#entries.get(name) !== entry) return
    let before = entry.before
    while (before?.failed === true) before = before.before
    if (before === null) this.#remove(name)
    else this.#put(name, before)
  }

  /** A record takes no room from now on: to be called before it is deleted. */
  leave(name: string): void {
    const entry = this.#entries.get(name)
    if (entry === undefined || entry.leaving) return
    this.#uncount(name, entry)
    entry.leaving = true
  }

  /** True where nothing came in the place of a record that leaves: it is to be deleted. */
  isLeaving(name: string): boolean {
    return this.#entries.get(name)?.leaving === true
  }

  /** A record that leaves was deleted. */
  left(name: string): void {
    if (this.isLeaving(name)) this.#entries.delete(name)
  }

  /** A record that leaves could not be deleted: it is held as before. */
  stay(name: string): void {
    const entry = this.#entries.get(name)
    if (entry?.leaving !== true) return
    entry.leaving = false
    this.#addUp(name, entry)
  }

  #put(name: string, entry: Entry): void {
    const known = this.#entries.get(name)
    if (known !== undefined && !known.leaving) this.#uncount(name, known)
    this.#entries.set(name, entry)
    if (!entry.leaving) this.#addUp(name, entry)
  }

  #remove(name: string): void {
    const known = this.#entries.get(name)
    if (known !== undefined && !known.leaving) this.#uncount(name, known)
    this.#entries.delete(name)
  }

  #addUp(name: string, { record }: Entry): void {
    this.#count += 1
    this.#bytes += record.bytes
    this.#order.add(name)
  }

  #uncount(name: string, { record }: Entry): void {
    this.#count -= 1
    this.#bytes -= record.bytes
    this.#order.delete(name)
  }
}
