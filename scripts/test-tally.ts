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
 * `describe` with nothing in it, a test held back.
 */
export class TestTally {
  readonly #outcomes: Outcome[] = []
  readonly #onOutcome: (outcome: Outcome) => void
  /** For each file, how many tests were seen below each level since that level's last suite ended. */
  readonly #children = new Map<string, number[]>()

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
      this.#count(file, event.nesting)
    }
  }

  failed(event: EventData.TestFail): void {
    const file = event.file ?? '(no file)'
    this.#count(file, event.nesting)
    // A suite fails because of its tests, which were told already, unless it failed by itself (a hook).
    const error: Error & { failureType?: string } = event.details.error
    if (event.details.type === 'suite' && error.failureType === 'subtestsFailed') return
    this.#add({ kind: 'failed', file, name: event.name, why: '', error: error.cause ?? error })
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
