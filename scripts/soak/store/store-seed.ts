import type { Clock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import { createRandom, type Random } from '#orchestrator/fabric/sim/random.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { History } from '../base/history.ts'
import { unsettledKeys } from '../base/unsettled.ts'
import { Client } from './client.ts'
import { type Fault, Faults } from './faults.ts'
import { REPUBLISH_MS } from './life.ts'
import { Members } from './members.ts'
import { plant, type StoreCanary } from './planted.ts'

export interface StoreSeedOptions {
  canary?: StoreCanary | 'none'
  /** Steps of the workload. Default 60. */
  steps?: number
}

export interface StoreOutcome {
  readonly seed: number
  /** What was promised and not kept; empty where all held. */
  readonly faults: readonly string[]
  readonly acknowledged: number
  readonly reads: number
  /** What happened to machines, and how often. */
  readonly happened: ReadonlyMap<Fault | 'leave-one-by-one' | 'turn-over', number>
  readonly simulatedMs: number
}

const KEYS = ['a', 'b', 'c', 'd']
/** Once faults have stopped: everybody is listed, and every key readable at its newest. */
const SETTLED_WITHIN_MS = 10 * 60_000

/**
 * Runs one seed of the real store over a light network in simulated time: writes and reads under faults, all drawn from
 * the seed, and then what must be true once they stop.
 */
export async function storeSeed(
  seed: number,
  { canary = 'none', steps = 60 }: StoreSeedOptions = {},
): Promise<StoreOutcome> {
  return createSimFabric().withClock(seed, async (clock) => {
    const run = new StoreRun(clock, createRandom(seed, 'store soak'))
    const began = clock.now()
    await run.run(steps, canary)
    return { seed, ...run.outcome, simulatedMs: Math.round(clock.now() - began) }
  })
}

class StoreRun {
  readonly #clock: Clock
  readonly #random: Random
  readonly #members: Members
  readonly #client: Client
  readonly #faults: Faults
  readonly #history = new History()
  readonly #stories = new Map<'leave-one-by-one' | 'turn-over', number>()
  #unsettled: string[] = []

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
    this.#members = new Members({ clock, random, count: random.integer(3, 6) })
    this.#client = new Client(this.#members, this.#history, clock)
    const [members, client] = [this.#members, this.#client]
    this.#faults = new Faults({ members, client, clock, random, keys: KEYS })
  }

  get outcome(): Omit<StoreOutcome, 'seed' | 'simulatedMs'> {
    return {
      faults: [...this.#history.faults, ...this.#unsettled],
      acknowledged: this.#client.writes,
      reads: this.#client.reads,
      happened: new Map([...this.#faults.happened, ...this.#stories]),
    }
  }

  async run(steps: number, canary: StoreCanary | 'none'): Promise<void> {
    const members = this.#members
    for (let count = this.#random.integer(6, 8); count > 0; count -= 1) await members.join()
    if (!(await members.allListed(SETTLED_WITHIN_MS))) {
      this.#unsettled.push('not everybody was listed before the first fault')
      return
    }
    await delay(this.#clock, 15_000)
    const storyAt = this.#random.integer(0, 3 * steps)
    const isTurnOver = this.#random.fraction() < 0.3
    for (let step = 0; step < steps; step += 1) {
      if (step === storyAt) await this.#story(isTurnOver ? 'turn-over' : 'leave-one-by-one')
      const drawn = this.#random.fraction()
      if (drawn < 0.2) await this.#faults.next()
      else if (drawn < 0.3) await this.#together()
      else await this.#operation()
      // Now and then nothing happens for long enough that machines may be lost again.
      const isQuiet = this.#random.fraction() < 0.03
      await delay(this.#clock, isQuiet ? 4 * REPUBLISH_MS : this.#random.integer(20, 4000))
    }
    if (canary !== 'none') {
      await this.#faults.stop()
      await plant(canary, { members, client: this.#client, clock: this.#clock })
    }
    await this.#settle()
  }

  /** Something long, while clients go on. */
  async #story(story: 'leave-one-by-one' | 'turn-over'): Promise<void> {
    this.#stories.set(story, 1)
    const state = { isOver: false }
    const telling = (
      story === 'turn-over' ? this.#faults.turnOver() : this.#faults.leaveOneByOne()
    ).finally(() => {
      state.isOver = true
    })
    while (!state.isOver) {
      await this.#operation()
      await delay(this.#clock, this.#random.integer(5000, 60_000))
    }
    await telling
  }

  /** One client's call at a node that runs. */
  async #operation(): Promise<void> {
    const at = this.#pick(this.#members.awake)
    const key = this.#pick(KEYS)
    if (at === undefined || key === undefined) return
    const drawn = this.#random.fraction()
    if (drawn < 0.4) await this.#client.put(at, key)
    else if (drawn < 0.5) await this.#client.delete(at, key)
    else await this.#client.read(at, key)
  }

  /** Several calls at the same moment, of one key or of several. */
  async #together(): Promise<void> {
    const count = this.#random.integer(2, 5)
    await Promise.all(Array.from({ length: count }, () => this.#operation()))
  }

  /** Faults have stopped: everybody is listed, and every key is read at its newest, by everybody alike. */
  async #settle(): Promise<void> {
    await this.#faults.stop()
    const until = this.#clock.now() + SETTLED_WITHIN_MS
    if (!(await this.#members.allListed(SETTLED_WITHIN_MS))) {
      this.#unsettled.push('10 minutes after the last fault not everybody is listed')
    }
    for (;;) {
      this.#unsettled = await this.#unsettledKeys()
      if (this.#unsettled.length === 0 || this.#clock.now() >= until) return
      await delay(this.#clock, REPUBLISH_MS)
    }
  }

  async #unsettledKeys(): Promise<string[]> {
    return unsettledKeys(this.#history, KEYS, () =>
      this.#members.running.map((member) => ({
        name: member.name,
        reader: this.#members.readerAt(member),
        look: (key) => this.#client.look(member, key),
      })),
    )
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[this.#random.integer(0, Math.max(0, from.length - 1))]
  }
}
