import type { Clock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import { createRandom, type Random } from '#orchestrator/fabric/sim/random.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { Cluster, planCluster, REPUBLISH_MS } from './base/cluster.ts'
import { History, type Seen } from './base/history.ts'
import { unsettledKeys } from './base/unsettled.ts'

/** A fault beyond what the store promises, planted to see that it is noticed. */
export type Canary = 'none' | 'all-at-once' | 'stale-reader'

export interface SoakOptions {
  canary?: Canary
  /** Steps of the workload. Default 120. */
  steps?: number
}

export interface SeedOutcome {
  readonly seed: number
  /** What was promised and not kept; empty where all held. */
  readonly faults: readonly string[]
  readonly acknowledged: number
  readonly reads: number
  /** What happened to nodes. */
  readonly nodeFaults: number
  readonly simulatedMs: number
}

const NODES = 7
const KEYS = ['a', 'b', 'c', 'd', 'e']
/** Most nodes that may crash at once: fewer than the copies of a majority of six. */
const CRASHES_AT_ONCE = 2
/** Records are given on anew in that time, so that as many more may crash. */
const RECOVERY_MS = 3 * REPUBLISH_MS
/** Once faults have stopped: everybody is listed, and every key readable at its newest. */
const SETTLED_WITHIN_MS = 10 * 60_000

/** Runs one seed: writes and reads under faults, all drawn from the seed, and then what must be true once they stop. */
export async function soakSeed(
  seed: number,
  { canary = 'none', steps = 120 }: SoakOptions = {},
): Promise<SeedOutcome> {
  const fabric = createSimFabric()
  return fabric.withClock(seed, async (clock) => {
    const plan = planCluster(NODES, seed)
    await using lab = await fabric.start(plan, { onEvent: () => {} })
    const run = new SoakRun(new Cluster(lab, plan, clock), clock, seed, canary)
    const began = clock.now()
    await run.run(steps)
    return { seed, ...run.outcome, simulatedMs: Math.round(clock.now() - began) }
  })
}

class SoakRun {
  readonly #cluster: Cluster
  readonly #clock: Clock
  readonly #random: Random
  readonly #canary: Canary
  readonly #history = new History()
  /** What the canary's stale reader gives again. */
  readonly #stale = new Map<string, Seen>()
  #writes = 0
  #acknowledged = 0
  #reads = 0
  #nodeFaults = 0
  #mayCrashAt: number
  #unsettled: string[] = []

  constructor(cluster: Cluster, clock: Clock, seed: number, canary: Canary) {
    this.#cluster = cluster
    this.#clock = clock
    this.#random = createRandom(seed, 'soak')
    this.#canary = canary
    this.#mayCrashAt = clock.now()
  }

  get outcome(): Omit<SeedOutcome, 'seed' | 'simulatedMs'> {
    return {
      faults: [...this.#history.faults, ...this.#unsettled],
      acknowledged: this.#acknowledged,
      reads: this.#reads,
      nodeFaults: this.#nodeFaults,
    }
  }

  async run(steps: number): Promise<void> {
    const cluster = this.#cluster
    for (const name of cluster.names) await cluster.start(name)
    if (!(await cluster.allListed(SETTLED_WITHIN_MS))) {
      this.#unsettled.push('not everybody was listed before the first fault')
      return
    }
    await delay(this.#clock, 15_000)
    for (let step = 0; step < steps; step += 1) {
      const drawn = this.#random.fraction()
      if (drawn < 0.12) await this.#fault()
      else if (drawn < 0.3) await this.#together()
      else await this.#operation()
      await delay(this.#clock, this.#random.integer(50, 4000))
    }
    if (this.#canary === 'all-at-once') await this.#loseAll()
    await this.#settle()
  }

  /** One client's call at a node that runs. */
  async #operation(): Promise<void> {
    const { awake } = this.#cluster
    if (awake.length === 0) return
    const name = this.#pick(awake)
    const key = this.#pick(KEYS)
    const drawn = this.#random.fraction()
    if (drawn < 0.4) await this.#write(name, key, `${key}-${(this.#writes += 1)}`)
    else if (drawn < 0.5) await this.#write(name, key, null)
    else await this.#read(name, key)
  }

  /** Several calls at the same moment, of one key or of several. */
  async #together(): Promise<void> {
    const count = this.#random.integer(2, 5)
    await Promise.all(Array.from({ length: count }, () => this.#operation()))
  }

  async #write(name: string, key: string, value: string | null): Promise<void> {
    const reader = this.#cluster.reader(name)
    const api = this.#cluster.api(name)
    const attempt = this.#history.begin(key, value)
    try {
      const written = value === null ? api.delete(key) : api.put(key, Buffer.from(value))
      const { version } = await written
      this.#acknowledged += 1
      if (version !== null) this.#history.acknowledge(attempt, reader, version)
    } catch {
      // A write that failed promises nothing; it may be seen all the same.
    } finally {
      attempt.endedMs = this.#clock.now()
    }
  }

  async #read(name: string, key: string): Promise<void> {
    const reader = this.#cluster.reader(name)
    const seen = await this.#look(name, key)
    if (seen === null) return
    this.#reads += 1
    this.#history.read(key, reader, seen)
  }

  /** Null where it was not answered. */
  async #look(name: string, key: string): Promise<Seen | null> {
    try {
      const found = await this.#cluster.api(name).get(key)
      if (found === null) return { value: null, version: null }
      const seen = { value: Buffer.from(found.value).toString(), version: found.version }
      if (this.#canary !== 'stale-reader') return seen
      const old = this.#stale.get(`${name} ${key}`) ?? seen
      this.#stale.set(`${name} ${key}`, old)
      return this.#random.fraction() < 0.5 ? seen : old
    } catch {
      return null
    }
  }

  async #fault(): Promise<void> {
    const cluster = this.#cluster
    this.#nodeFaults += 1
    const gone = cluster.names.filter((name) => !cluster.running.includes(name))
    const drawn = this.#random.fraction()
    if (cluster.paused.size > 0 && drawn < 0.5) {
      await cluster.resume(this.#pick([...cluster.paused]))
    } else if (gone.length > 0 && drawn < 0.8) {
      await cluster.start(this.#pick(gone))
      this.#mayCrashAt = Math.max(this.#mayCrashAt, this.#clock.now() + RECOVERY_MS)
    } else if (drawn < 0.4) {
      // One that stands still holds its copies, and is no use meanwhile.
      if (cluster.paused.size === 0) await cluster.pause(this.#pick(cluster.awake))
    } else if (this.#clock.now() >= this.#mayCrashAt && cluster.paused.size === 0) {
      this.#mayCrashAt = this.#clock.now() + RECOVERY_MS
      const count = this.#random.integer(1, CRASHES_AT_ONCE)
      const how = this.#random.fraction() < 0.6 ? 'kill' : 'stop'
      const ending = this.#some(cluster.awake, Math.min(count, cluster.running.length - 4))
      await Promise.all(ending.map((name) => cluster.end(name, how)))
    }
  }

  async #loseAll(): Promise<void> {
    const cluster = this.#cluster
    await Promise.all(cluster.running.map((name) => cluster.end(name, 'kill')))
  }

  /** Faults have stopped: everybody is listed, and every key is read at its newest, by everybody alike. */
  async #settle(): Promise<void> {
    const cluster = this.#cluster
    for (const name of cluster.paused) await cluster.resume(name)
    for (const name of cluster.names) await cluster.start(name)
    const until = this.#clock.now() + SETTLED_WITHIN_MS
    if (!(await cluster.allListed(SETTLED_WITHIN_MS))) {
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
      this.#cluster.running.map((name) => ({
        name,
        reader: this.#cluster.reader(name),
        look: (key) => this.#look(name, key),
      })),
    )
  }

  #pick<T>(from: readonly T[]): T {
    const one = from[this.#random.integer(0, from.length - 1)]
    if (one === undefined) throw new Error('nothing to draw from')
    return one
  }

  #some<T>(from: readonly T[], count: number): T[] {
    const left = [...from]
    const drawn: T[] = []
    while (drawn.length < count && left.length > 0) {
      drawn.push(...left.splice(this.#random.integer(0, left.length - 1), 1))
    }
    return drawn
  }
}
