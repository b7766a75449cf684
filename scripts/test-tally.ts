import type { EventData } from 'node:test'

/** What became of one test. */
export interface Outcome {
  kind: 'passed' | 'failed' | 'skipped'
  file: string
  name: string
  why: string
  error: unknown
}

type TestEvent = EventData.TestPass | EventData.TestFail

/**
 * Counts the outcomes of node:test, and what node:test itself would let pass: a file that registers no test, a
 * `describe` with nothing in it, a test held back, a file whose report was lost in part or as a whole.
 */
export class TestTally {
  readonly #outcomes: Outcome[] = []
  readonly #onOutcome: (outcome: Outcome) => void
  /** For each file, how many tests were seen below each level since that level's last suite ended. */
  readonly #children = new Map<string, number[]>()
  /** For each file, how many tests were told. */
  readonly #tests = new Map<string, number>()
  /** For each file that came to its end, how many tests it says it had. */
  readonly #summarized = new Map<string, number>()
  /** Files that failed as a whole. */
  readonly #failedFiles = new Set<string>()

  constructor(onOutcome: (outcome: Outcome) => void) {
    this.#onOutcome = onOutcome
  }

  passed(event: TestEvent): void {
    const file = event.file ?? '(no file)'
    if (event.name === file) {
      this.#add({ kind: 'failed', file, name: 'the file registers no test', why: '', error: null })
    } else if (event.details.type === 'suite') {
      if (event.skip !== undefined) {
        this.#add({ kind: 'skipped', file, name: event.name, why: reason(event.skip), error: null })
      } else if (this.#endSuite(file, event.nesting) === 0) {
        this.#add({
          kind: 'failed',
          file,
          name: `${event.name}: the suite is empty`,
          why: '',
          error: null,
        })
      }
      this.#count(file, event.nesting)
    } else {
      const held = event.skip ?? event.todo
      this.#add({
        kind: held === undefined ? 'passed' : 'skipped',
        file,
        name: event.name,
        why: reason(held),
        error: null,
      })
      this.#countTest(file)
      this.#count(file, event.nesting)
    }
  }

  failed(event: EventData.TestFail): void {
    const file = event.file ?? '(no file)'
    this.#count(file, event.nesting)
    if (event.name === file) this.#failedFiles.add(file)
    else if (event.details.type !== 'suite') this.#countTest(file)
    // A suite fails because of its tests, which were told already, unless it failed by itself (a hook).
    const error: Error & { failureType?: string } = event.details.error
    if (event.details.type === 'suite' && error.failureType === 'subtestsFailed') return
    this.#add({ kind: 'failed', file, name: event.name, why: '', error: error.cause ?? error })
  }

  /** A file says that it had so many `tests`; which of them were told before and which after this is left open. */
  summarized(file: string, tests: number): void {
    this.#summarized.set(file, tests)
  }

  /** All of `files` (absolute paths) have run, and everything was told: fails those whose report is not whole. */
  settle(files: readonly string[]): void {
    for (const file of files) {
      if (this.#failedFiles.has(file)) continue
      const tests = this.#summarized.get(file)
      const told = this.#tests.get(file) ?? 0
      if (tests === undefined) this.fail(file, 'the end of its report was lost')
      else if (told !== tests) {
        this.fail(
          file,
          `it ran ${tests} tests and told of ${told}: the rest of its report was lost`,
        )
      }
    }
  }

  fail(name: string, why: string): void {
    this.#add({ kind: 'failed', file: name, name, why, error: why })
  }

  skip(name: string, why: string): void {
    this.#add({ kind: 'skipped', file: name, name: 'the whole suite', why, error: null })
  }

  count(kind: Outcome['kind']): number {
    return this.#outcomes.filter((outcome) => outcome.kind === kind).length
  }

  #add(outcome: Outcome): void {
    this.#outcomes.push(outcome)
    this.#onOutcome(outcome)
  }

  #count(file: string, nesting: number): void {
    const levels = this.#children.get(file) ?? []
    levels[nesting] = (levels[nesting] ?? 0) + 1
    this.#children.set(file, levels)
  }

  #countTest(file: string): void {
    this.#tests.set(file, (this.#tests.get(file) ?? 0) + 1)
  }

  #endSuite(file: string, nesting: number): number {
    const levels = this.#children.get(file) ?? []
    const seen = levels[nesting + 1] ?? 0
    levels.length = Math.min(levels.length, nesting + 1)
    return seen
  }
}

function reason(held: string | boolean | undefined): string {
  return typeof held === 'string' ? held : 'held back without a reason'
}
