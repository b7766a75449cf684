import type { Contact } from '#node/kad/distance.ts'
import type { Clock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import type { Random } from '#orchestrator/fabric/sim/random.ts'
import type { Life } from './life.ts'
import type { Asked } from './wire.ts'

/** Longest way of a message in one direction, in ms. */
const SLOWEST_MS = 30

/** Carries questions and answers between the nodes that run. */
export class Network {
  readonly #clock: Clock
  readonly #random: Random
  /** By the contact's name. */
  readonly #lives = new Map<string, Life>()
  readonly #names = new Map<string, string>()
  /** Who is on the smaller side of a partition; empty: there is none. */
  #aside: ReadonlySet<string> = new Set()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  get isParted(): boolean {
    return this.#aside.size > 0
  }

  add(life: Life): void {
    this.#lives.set(life.contact.name, life)
    this.#names.set(life.contact.peerId.toString(), life.contact.name)
  }

  remove(life: Life): void {
    if (this.#lives.get(life.contact.name) === life) this.#lives.delete(life.contact.name)
  }

  /** The nodes of these lives, and the others, do not reach each other until `heal`. */
  part(aside: readonly Life[]): void {
    this.#aside = new Set(aside.map(({ contact }) => contact.name))
  }

  heal(): void {
    this.#aside = new Set()
  }

  /** A contact's name by its peer id. */
  nameOf(peerId: string): string {
    return this.#names.get(peerId) ?? ''
  }

  /** True where a process runs under that name: connections to it stand, also where nothing passes. */
  isThere(name: string): boolean {
    return this.#lives.has(name)
  }

  /** Whom a node can talk to now. */
  reachable(from: Life): Life[] {
    return [...this.#lives.values()].filter(
      (each) => each !== from && !each.clock.isPaused && this.#passes(from, each),
    )
  }

  /** Never settles where something is lost. */
  async ask(from: Life, to: Contact, frame: Uint8Array): Promise<Asked> {
    await this.#travel()
    const life = this.#lives.get(to.name)
    if (life === undefined) return this.#back(from, 'gone')
    if (!this.#passes(from, life)) return never()
    const { promise, resolve } = Promise.withResolvers<Asked>()
    // One that stands still finds it when it goes on; its answer is late then, and what it was told is old.
    life.clock.run(() => {
      life.light.answer(from.contact, frame).then(
        (answer) => resolve({ answer }),
        () => resolve('refused'),
      )
    })
    const answered = await promise
    await this.#travel()
    return this.#passes(from, life) ? this.#back(from, answered) : never()
  }

  async #travel(): Promise<void> {
    await delay(this.#clock, this.#random.fraction() * SLOWEST_MS)
  }

  /** The answer comes once who asked goes on. */
  async #back(from: Life, asked: Asked): Promise<Asked> {
    const { promise, resolve } = Promise.withResolvers<Asked>()
    from.clock.run(() => resolve(asked))
    return promise
  }

  #passes(from: Life, to: Life): boolean {
    return this.#aside.has(from.contact.name) === this.#aside.has(to.contact.name)
  }
}

function never(): Promise<never> {
  return new Promise(() => {})
}
