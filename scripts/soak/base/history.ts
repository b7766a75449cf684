import { compareVersions, parseVersion } from '#node/store/version.ts'

/** What a node said of a key. */
export interface Seen {
  readonly value: string | null
  /** Null where there is no value. */
  readonly version: string | null
}

/** A write that a client began. Values are unique: each tells which write it is of. */
export interface Attempt {
  readonly key: string
  /** Null for a deletion. */
  readonly value: string | null
  /** When it failed or was acknowledged, in ms; until then it may still happen. */
  endedMs: number
  /** What had been told of before it began. */
  readonly begun: number
}

/** What is known of a key. */
interface KeyHistory {
  readonly attempts: Attempt[]
  /** The newest write that was acknowledged. */
  acknowledged: { readonly value: string | null; readonly version: string } | null
}

/**
 * What clients did and saw: holds it against what a store promises. A reader is one life of a node; after a restart it is
 * another.
 */
export class History {
  readonly #keys = new Map<string, KeyHistory>()
  /** The newest version that each reader has seen of each key. */
  readonly #seen = new Map<string, { version: string; at: number }>()
  /** Counts what is told. */
  #told = 0
  /** Promises that were broken. */
  readonly faults: string[] = []

  begin(key: string, value: string | null): Attempt {
    const attempt: Attempt = { key, value, endedMs: Infinity, begun: this.#told }
    this.#of(key).attempts.push(attempt)
    return attempt
  }

  /** A write was acknowledged: whoever wrote it has seen that version. */
  acknowledge({ key, value, begun }: Attempt, reader: string, version: string): void {
    const known = this.#of(key)
    const before = known.acknowledged
    if (before === null || isNewer(version, before.version)) {
      known.acknowledged = { value, version }
    }
    this.#advance(key, reader, version, begun)
  }

  /** A read was answered. */
  read(key: string, reader: string, { value, version }: Seen): void {
    if (value === null || version === null) {
      const before = this.#seen.get(`${reader} ${key}`)?.version
      if (before !== undefined && !this.mayBeDeleted(key, before)) {
        this.faults.push(`${reader} saw ${before} of ${key}, then nothing`)
      }
      return
    }
    if (!this.#wasWritten(key, value)) {
      this.faults.push(`${reader} read ${value} under ${key}: never written`)
    }
    this.#advance(key, reader, version)
  }

  /** Faults have stopped, and the store had its time: what is wrong with what a node reads of a key, or null. */
  settled(key: string, node: string, { value, version }: Seen): string | null {
    const { acknowledged } = this.#of(key)
    if (acknowledged === null) return null
    const newest = acknowledged.version
    if (value === null || version === null) {
      if (this.mayBeDeleted(key, newest)) return null
      return `${node} reads nothing under ${key}: ${newest}, which was acknowledged, is lost`
    }
    if (!this.#wasWritten(key, value)) return `${node} reads ${value} under ${key}: never written`
    if (!isNewer(newest, version)) return null
    return `${node} reads ${version} under ${key}: older than ${newest}, which was acknowledged`
  }

  /** True where a deletion may be newer than a version, or is it. */
  mayBeDeleted(key: string, version: string): boolean {
    const { acknowledged, attempts } = this.#of(key)
    if (acknowledged?.value === null && !isNewer(version, acknowledged.version)) return true
    const { timeMs } = parseVersion(version)
    return attempts.some(({ value, endedMs }) => value === null && endedMs >= timeMs)
  }

  #wasWritten(key: string, value: string): boolean {
    return this.#of(key).attempts.some((attempt) => attempt.value === value)
  }

  /** @param begun when the call began: what was seen since may well be newer than what it gives. */
  #advance(key: string, reader: string, version: string, begun = Infinity): void {
    this.#told += 1
    const name = `${reader} ${key}`
    const before = this.#seen.get(name)
    if (before !== undefined && isNewer(before.version, version)) {
      if (before.at > begun) return
      this.faults.push(`${reader} saw ${before.version} of ${key}, then the older ${version}`)
      return
    }
    this.#seen.set(name, { version, at: this.#told })
  }

  #of(key: string): KeyHistory {
    const known = this.#keys.get(key) ?? { attempts: [], acknowledged: null }
    this.#keys.set(key, known)
    return known
  }
}

function isNewer(one: string, other: string): boolean {
  return compareVersions(parseVersion(one), parseVersion(other)) > 0
}
