import { compareVersions, parseVersion } from '#node/store/version.ts'
import type { Clock } from '#node/time/clock.ts'
import type { History, Seen } from '../base/history.ts'
import type { Member, Members } from './members.ts'

/** What of writes a loss of machines must not exceed. */
interface Acknowledged {
  readonly version: string
  /** Machines beside the writer's that have it. */
  readonly copies: number
}

/** Puts, deletes and reads as users do, and has a history hold what they saw against what was promised. */
export class Client {
  readonly #members: Members
  readonly #history: History
  readonly #clock: Clock
  readonly #acknowledged = new Map<string, Acknowledged>()
  #written = 0
  #asked = 0
  /** Who was said to hold what was acknowledged last, by peer id. */
  holders: readonly string[] = []
  writes = 0
  reads = 0

  constructor(members: Members, history: History, clock: Clock) {
    this.#members = members
    this.#history = history
    this.#clock = clock
  }

  /** Fewest copies of what was acknowledged last under any key: so many machines less one may be lost at once. */
  get fewestCopies(): number {
    return Math.min(...[...this.#acknowledged.values()].map(({ copies }) => copies))
  }

  async put(at: Member, key: string): Promise<boolean> {
    return this.#write(at, key, `${key}-${(this.#written += 1)}`)
  }

  async delete(at: Member, key: string): Promise<boolean> {
    return this.#write(at, key, null)
  }

  async read(at: Member, key: string): Promise<void> {
    const reader = this.#members.readerAt(at)
    const seen = await this.look(at, key)
    if (seen === null) return
    this.reads += 1
    this.#history.read(key, reader, seen)
  }

  /** What a read gives; null where it was not answered. */
  async look(at: Member, key: string): Promise<Seen | null> {
    try {
      const found = await at.life?.call((values) => values.get(key))
      if (found === undefined) return null
      if (found === null) return { value: null, version: null }
      return { value: Buffer.from(found.value).toString(), version: found.version }
    } catch {
      return null
    }
  }

  /** True where it was acknowledged. */
  async #write(at: Member, key: string, value: string | null): Promise<boolean> {
    const reader = this.#members.readerAt(at)
    const attempt = this.#history.begin(key, value)
    const lives = new Map(this.#members.all.map((each) => [each, each.lives]))
    const wanted = this.#wanted()
    const options = wanted === null ? {} : { replicas: wanted }
    try {
      const outcome = await at.life?.call((values) =>
        value === null ? values.delete(key, options) : values.put(key, Buffer.from(value), options),
      )
      if (outcome === undefined || outcome.version === null) return false
      this.writes += 1
      this.holders = outcome.holders
      this.#history.acknowledge(attempt, reader, outcome.version)
      this.#acknowledged.set(key, { version: outcome.version, copies: outcome.copies })
      const { version } = outcome
      if (outcome.copies < (wanted ?? 0) || outcome.copies !== outcome.holders.length) {
        this.#history.faults.push(
          `${reader} was acknowledged ${version} of ${key} with ${outcome.copies} copies at ${outcome.holders.length} holders, and wanted ${wanted ?? 'a majority'}`,
        )
      }
      if (value !== null) await this.#checkHolders(key, { ...outcome, version }, lives)
      return true
    } catch {
      // A write that failed promises nothing; it may be seen all the same.
      return false
    } finally {
      attempt.endedMs = this.#clock.now()
    }
  }

  /** Copies that are asked for: by every third write one, two or three; else a majority. */
  #wanted(): number | null {
    this.#asked += 1
    return this.#asked % 3 === 0 ? ((this.#asked / 3) % 3) + 1 : null
  }

  /** Whoever is said to hold a write has it, or a newer one, as long as its process has not ended since the write began. */
  async #checkHolders(
    key: string,
    { version, holders }: { version: string; holders: readonly string[] },
    lives: ReadonlyMap<Member, number>,
  ): Promise<void> {
    for (const holder of holders) {
      const member = this.#members.running.find(
        ({ life }) => life?.contact.peerId.toString() === holder,
      )
      if (member?.life?.clock.isPaused !== false || lives.get(member) !== member.lives) continue
      // Its own copy is the answer, where it has one.
      const found = await member.life
        .call((values) => values.get(key, { agree: 1 }))
        .catch(() => null)
      const held = found?.from === null ? found.version : null
      if (held === null ? this.#history.mayBeDeleted(key, version) : isAsNew(held, version))
        continue
      if (lives.get(member) !== member.lives || member.life === null) continue
      this.#history.faults.push(
        `${member.name} is said to hold ${version} of ${key}, and holds ${held ?? 'nothing'}`,
      )
    }
  }
}

function isAsNew(one: string, other: string): boolean {
  return compareVersions(parseVersion(one), parseVersion(other)) >= 0
}
