import type { Clock } from '../time/clock.ts'
import { type Held, HeldRecords } from './held-records.ts'
import { InTurn } from './in-turn.ts'
import { WriteRate } from './write-rate.ts'

/** A record that nobody has put again for so long is over, as in kad-dht (`PROVIDERS_VALIDITY`). */
export const RECORD_TTL_MS = 48 * 60 * 60 * 1000

/** What a node keeps for others. */
export interface RecordLimits {
  /** Records that are held at a time. */
  records: number
  /** Bytes of their keys and values. */
  bytes: number
  /** Writes a second of one peer. */
  writesPerSecond: number
}

/** Why a record is not stored, as the metric has it. */
export const REFUSED_WHY = ['full', 'too-many-writes'] as const
export type RefusedWhy = (typeof REFUSED_WHY)[number]

export interface RecordRoomInit {
  clock: Clock
  /** This node's place in the key space, 32 bytes. */
  place: Uint8Array
  limits: RecordLimits
  /** What of a name has a place in the key space, as latin1 text. Default: all of it. */
  keyOf?: (name: string) => string
  /** What the database holds, by name: asked once, before anything is held. */
  load: () => AsyncIterable<[string, Held]>
  /** Deletes a record of the database. */
  erase: (name: string) => Promise<void>
}

/**
 * Room for records in a database: as many as the limits allow. Where they are reached, one that is closer to this node takes
 * the place of the farthest one. What cannot be written or deleted stays in the books as it is in the database.
 */
export class RecordRoom {
  readonly held: HeldRecords
  readonly #init: RecordRoomInit
  readonly #inTurn = new InTurn()
  readonly #rate: WriteRate
  readonly #listeners: ((why: RefusedWhy) => void)[] = []
  #loaded: Promise<void> | null = null
  #isLoaded = false

  constructor(init: RecordRoomInit) {
    this.#init = init
    this.held = new HeldRecords(init.place, init.keyOf)
    this.#rate = new WriteRate(init.clock, init.limits.writesPerSecond)
  }

  /** True where it is known that the database has nothing of this name: it need not be asked. */
  hasNone(name: string): boolean {
    return this.#isLoaded && !this.held.isNoted(name)
  }

  /** Reports each record that is refused, with the name of the error. */
  onRefused(listener: (why: RefusedWhy) => void): void {
    this.#listeners.push(listener)
  }

  /** Whether the time of what was received then is over. */
  isOver(receivedMs: number): boolean {
    return this.#init.clock.now() - receivedMs > RECORD_TTL_MS
  }

  /** False where a peer has written as often as it may; it is reported then. */
  mayWrite(peer: string): boolean {
    const may = this.#rate.take(peer)
    if (!may) this.#refused('too-many-writes')
    return may
  }

  /** Knows what the database holds; a database that fails once may answer the next time. */
  async load(): Promise<void> {
    this.#loaded ??= this.#load()
    try {
      await this.#loaded
      this.#isLoaded = true
    } catch (error) {
      this.#loaded = null
      throw error
    }
  }

  /**
   * Makes room for a record and writes it.
   *
   * @param write told when the record was received, in ms
   * @returns false where there is none: too few are farther from this node. It is reported then
   */
  async store(
    name: string,
    bytes: number,
    write: (receivedMs: number) => Promise<void>,
  ): Promise<boolean> {
    await this.load()
    await this.#dropOver()
    const leaving = this.#givingWay(name, bytes)
    if (leaving === null) {
      this.#refused('full')
      return false
    }
    // Before anything is awaited: what comes at the same time must find the room taken.
    for (const each of leaving) this.held.leave(each)
    const receivedMs = this.#init.clock.now()
    const noted = this.held.note(name, { bytes, receivedMs })
    try {
      await this.#remove(leaving)
      await this.#inTurn.run(name, async () => {
        // A closer one may have come meanwhile, and this one be leaving already.
        if (this.held.get(name) !== undefined) await write(receivedMs)
      })
    } catch (error) {
      this.held.takeBack(noted)
      // What was before it was leaving, and stayed for its sake.
      if (this.held.isLeaving(name)) await this.#remove([name])
      throw error
    }
    this.held.written(noted)
    return true
  }

  /** Deletes a record whose time is over, unless a new one has come meanwhile. */
  async drop(name: string): Promise<void> {
    await this.#inTurn.run(name, async () => {
      const now = this.held.get(name)
      if (now !== undefined && !this.isOver(now.receivedMs)) return
      this.held.leave(name)
      await this.#init.erase(name)
      this.held.left(name)
    })
  }

  #refused(why: RefusedWhy): void {
    for (const listener of this.#listeners) listener(why)
  }

  async #load(): Promise<void> {
    const found: [string, Held][] = []
    for await (const [name, { bytes, receivedMs }] of this.#init.load()) {
      found.push([name, { bytes, receivedMs: Math.min(receivedMs, this.#init.clock.now()) }])
    }
    found.sort(([, one], [, other]) => one.receivedMs - other.receivedMs)
    this.held.begin(found)
  }

  /** Deletes what is leaving. What cannot be deleted is still served, and so is held as before. */
  async #remove(names: readonly string[]): Promise<void> {
    const left = [...names]
    try {
      for (let name = left[0]; name !== undefined; name = left[0]) {
        await this.#inTurn.run(name, async () => this.#removeOne(name))
        left.shift()
      }
    } finally {
      for (const name of left) this.held.stay(name)
    }
  }

  async #removeOne(name: string): Promise<void> {
    // It may have been put again meanwhile.
    if (!this.held.isLeaving(name)) return
    await this.#init.erase(name)
    this.held.left(name)
  }

  async #dropOver(): Promise<void> {
    const over: string[] = []
    for (const [name, { receivedMs }] of this.held.oldest()) {
      if (!this.isOver(receivedMs)) break
      over.push(name)
    }
    for (const name of over) this.held.leave(name)
    await this.#remove(over)
  }

  /** Which records give way to a new one: farther ones, as few as will do. Null where there are too few. */
  #givingWay(name: string, size: number): string[] | null {
    const { held } = this
    const { limits } = this.#init
    const before = held.get(name)?.bytes
    let tooMany = held.count + (before === undefined ? 1 : 0) - limits.records
    let tooManyBytes = held.bytes + size - (before ?? 0) - limits.bytes
    const names: string[] = []
    if (tooMany <= 0 && tooManyBytes <= 0) return names
    for (const farther of held.farther(name)) {
      names.push(farther)
      tooMany -= 1
      tooManyBytes -= held.get(farther)?.bytes ?? 0
      if (tooMany <= 0 && tooManyBytes <= 0) return names
    }
    return null
  }
}
