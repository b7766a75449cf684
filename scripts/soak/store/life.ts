import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { silentLog } from '#node/base/log.ts'
import { ITEM_LIMITS } from '#node/config/item-limits.ts'
import type { Contact } from '#node/kad/distance.ts'
import { answerValues } from '#node/store/answer-values.ts'
import { createLocalRecords } from '#node/store/local-records.ts'
import type { RecordRules } from '#node/store/records.ts'
import { createReplication, type Replication } from '#node/store/replication.ts'
import { createValues, type Values } from '#node/store/values.ts'
import type { Clock } from '#node/time/clock.ts'
import { ticks } from '#node/time/delay.ts'
import type { Random } from '#orchestrator/fabric/sim/random.ts'
import { type Disk, MountedDisk } from './disk.ts'
import { LifeClock } from './life-clock.ts'
import type { Network } from './network.ts'
import { LightWire } from './wire.ts'

/** How often a record is given on: short, so that faults may follow one another. */
export const REPUBLISH_MS = 30_000
const QUERY_MS = 5000
/** How often a node looks for others, and at those that it lists. */
const LOOK_EVERY_MS = 1000
/** Who is not reached for so many looks is no longer listed. */
const PATIENCE = 10

export interface LifeInit {
  privateKey: PrivateKey
  disk: Disk
  network: Network
  clock: Clock
  random: Random
  /** How far its time of day is ahead of the true one, in ms. */
  offsetMs: number
  /** Kademlia's k. */
  count: number
}

/** The process is no more. */
export class LifeOverError extends Error {
  override readonly name = 'LifeOverError'
}

/** One run of a node's process: the real store over a light network. */
export class Life {
  readonly light: LightWire
  readonly clock: LifeClock
  readonly #values: Values
  readonly #replication: Replication
  readonly #disk: MountedDisk
  readonly #network: Network
  readonly #ending = new AbortController()
  readonly #over = Promise.withResolvers<never>()
  /** Looks since a peer was reached. */
  readonly #missed = new Map<string, number>()

  constructor({ privateKey, disk, network, clock: base, random, offsetMs, count }: LifeInit) {
    this.#network = network
    this.#over.promise.catch(() => {})
    const clock = new LifeClock(base, offsetMs)
    this.clock = clock
    this.#disk = new MountedDisk(disk, { clock, random })
    const peerId = peerIdFromPrivateKey(privateKey)
    this.light = new LightWire({
      peerId,
      clock,
      count,
      send: async (to, frame) => network.ask(this, to, frame),
      isConnected: (name) => network.isThere(name),
    })
    const { wire } = this.light
    const rules: RecordRules = { items: ITEM_LIMITS, plain: false, clock }
    const local = createLocalRecords({
      datastore: this.#disk,
      clock,
      place: this.light.contact.place,
      limits: { records: 1000, bytes: 10_000_000, writesPerSecond: 1000 },
      plain: false,
    })
    this.#replication = createReplication(
      {
        wire,
        local,
        rules,
        clock,
        random: () => random.fraction(),
        log: silentLog,
        isConnected: (other) => network.isThere(network.nameOf(other.toString())),
      },
      { intervalMs: REPUBLISH_MS },
    )
    answerValues({ wire, local, rules }, undefined, (record) => this.#replication.heard(record))
    this.#values = createValues(
      { wire, local, clock, rules, privateKey },
      { minCopies: null, queryTimeoutMs: QUERY_MS, parallel: 3 },
    )
  }

  get contact(): Contact {
    return this.light.contact
  }

  start(): void {
    this.#replication.start()
    void this.#lookForOthers()
  }

  /** Does something with the store. Rejects where the process ends meanwhile. */
  async call<T>(work: (values: Values) => Promise<T>): Promise<T> {
    return Promise.race([work(this.#values), this.#over.promise])
  }

  /** Hands over what it holds. */
  async leave(): Promise<void> {
    await this.#replication.leave()
    this.kill()
  }

  /** Nothing of it happens any more. */
  kill(): void {
    this.#disk.kill()
    this.clock.end()
    this.#ending.abort()
    this.#over.reject(new LifeOverError('the process was ended'))
  }

  async #lookForOthers(): Promise<void> {
    for await (const _tick of ticks(this.clock, LOOK_EVERY_MS, this.#ending.signal)) {
      for (const other of this.#network.reachable(this)) {
        this.light.list(other.contact)
        other.light.list(this.contact)
        this.#missed.set(other.contact.name, 0)
      }
      for (const name of this.light.listed) {
        const missed = this.#missed.get(name) ?? 0
        this.#missed.set(name, missed + 1)
        if (missed < PATIENCE) continue
        this.light.unlist(name)
        this.#missed.delete(name)
      }
    }
  }
}
