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
  /** Tests that were told, and that files say they had, since the last files were settled. */
  #told = 0
  #counted = 0
  /** Files that came to their end. */
  readonly #summarized = new Set<string>()
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
      this.#told += 1
      this.#count(file, event.nesting)
    }
  }

  failed(event: EventData.TestFail): void {
    const file = event.file ?? '(no file)'
    this.#count(file, event.nesting)
    if (event.name === file) this.#failedFiles.add(file)
    else if (event.details.type !== 'suite') this.#told += 1
    // A suite fails because of its tests, which were told already, unless it failed by itself (a hook).
    const error: Error & { failureType?: string } = event.details.error
    if (event.details.type === 'suite' && error.failureType === 'subtestsFailed') return
    this.#add({ kind: 'failed', file, name: event.name, why: '', error: error.cause ?? error })
  }

  /** A file says that it had so many `tests`; which of them were told before and which after this is left open. */
  summarized(file: string, tests: number): void {
    this.#summarized.add(file)
    this.#counted += tests
  }

  /**
   * All of `files` (absolute paths) have run, and everything was told: fails those whose report has no end, and the run
   * where tests are missing. They cannot be told by file: a test that another module defines is told under that one.
   */
  settle(files: readonly string[]): void {
    const isWhole = files.every((file) => !this.#failedFiles.has(file))
    for (const file of files) {
      if (this.#failedFiles.has(file) || this.#summarized.has(file)) continue
      this.fail(file, 'the end of its report was lost')
    }
    const [told, counted] = [this.#told, this.#counted]
    this.#told = 0
    this.#counted = 0
    if (isWhole && told !== counted) {
      this.fail('reports', `${counted} tests ran and ${told} were told: part of a report was lost`)
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
