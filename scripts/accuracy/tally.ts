import { isRight, type Verdict } from './trial.ts'

/** What an accuracy run comes to. */
export interface AccuracyReport {
  schema: 'kadlab.accuracy/1'
  seed: number
  plans: number
  cells: number
  /** Cells whose rung or cause is not what it must be. */
  wrongCauses: number
}

/** How often one cause was named where another, or the same, is so. */
export interface Confusion {
  truth: string
  seen: string
  count: number
}

/** Counts the verdicts of many plans. */
export class Tally {
  readonly #seed: number
  readonly #confusions = new Map<string, Confusion>()
  #plans = 0
  #cells = 0
  #wrong = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  add(verdicts: readonly Verdict[]): void {
    this.#plans += 1
    for (const verdict of verdicts) {
      this.#cells += 1
      if (!isRight(verdict)) this.#wrong += 1
      const { truth, cell } = verdict
      const names = {
        truth: truth.cause ?? 'dialable',
        seen: cell === null ? 'nothing' : (cell.cause ?? 'dialable'),
      }
      const key = `${names.truth} ${names.seen}`
      const known = this.#confusions.get(key) ?? { ...names, count: 0 }
      this.#confusions.set(key, { ...known, count: known.count + 1 })
    }
  }

  report(): AccuracyReport {
    return {
      schema: 'kadlab.accuracy/1',
      seed: this.#seed,
      plans: this.#plans,
      cells: this.#cells,
      wrongCauses: this.#wrong,
    }
  }

  /** The most frequent first. */
  confusions(): Confusion[] {
    return [...this.#confusions.values()].toSorted((one, other) => other.count - one.count)
  }
}
