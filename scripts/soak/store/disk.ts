import { MemoryDatastore } from 'datastore-core'
import type { Key } from 'interface-datastore'
import type { Clock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import type { Random } from '#orchestrator/fabric/sim/random.ts'

/** Longest time that a write takes, in ms. */
const SLOWEST_WRITE_MS = 8

/** What stays where a process ends: the contents of a disk. */
export class Disk {
  /** By the text of the datastore's keys. */
  #contents = new MemoryDatastore()
  /** Nothing more can be written, or deleted. */
  isFull = false

  get contents(): MemoryDatastore {
    return this.#contents
  }

  /** Everything on it is gone. */
  wipe(): void {
    this.#contents = new MemoryDatastore()
    this.isFull = false
  }

  /** What is on it now. */
  async copy(): Promise<MemoryDatastore> {
    const copy = new MemoryDatastore()
    for await (const { key, value } of this.#contents.query({})) await copy.put(key, value)
    return copy
  }

  /** Puts what was copied in the place of what is on it. */
  restore(copy: MemoryDatastore): void {
    this.#contents = copy
  }
}

/**
 * A disk as one process sees it: a write takes a while. Where the process is killed meanwhile, writes that were under way
 * have happened up to one of them, and not from there on.
 */
export class MountedDisk extends MemoryDatastore {
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #random: Random
  readonly #underWay: (() => void)[] = []

  constructor(disk: Disk, { clock, random }: { clock: Clock; random: Random }) {
    super()
    this.#disk = disk
    this.#clock = clock
    this.#random = random
  }

  override async put(key: Key, value: Uint8Array): Promise<Key> {
    await this.#write(() => void this.#disk.contents.put(key, value))
    return key
  }

  override async delete(key: Key): Promise<void> {
    await this.#write(() => void this.#disk.contents.delete(key))
  }

  override async get(key: Key): Promise<Uint8Array> {
    return this.#disk.contents.get(key)
  }

  override async has(key: Key): Promise<boolean> {
    return this.#disk.contents.has(key)
  }

  override _all(
    ...query: Parameters<MemoryDatastore['_all']>
  ): ReturnType<MemoryDatastore['_all']> {
    return this.#disk.contents._all(...query)
  }

  override _allKeys(
    ...query: Parameters<MemoryDatastore['_allKeys']>
  ): ReturnType<MemoryDatastore['_allKeys']> {
    return this.#disk.contents._allKeys(...query)
  }

  /** The process is killed. */
  kill(): void {
    const happened = this.#random.integer(0, this.#underWay.length)
    for (const write of this.#underWay.splice(0).slice(0, happened)) write()
  }

  async #write(write: () => void): Promise<void> {
    if (this.#disk.isFull) {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    }
    this.#underWay.push(write)
    await delay(this.#clock, this.#random.fraction() * SLOWEST_WRITE_MS)
    // Others that are as old may be done before.
    const index = this.#underWay.indexOf(write)
    if (index < 0) return
    this.#underWay.splice(index, 1)
    write()
  }
}
