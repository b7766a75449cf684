import { fatesOf, isRight, type Trial, type Verdict } from './trial.ts'

/** What an accuracy run comes to. */
export interface AccuracyReport {
  schema: 'kadlab.accuracy/1'
  seed: number
  plans: number
  cells: number
  /** Cells whose rung or cause is not what it must be, those of the runs with remedies among them. */
  wrongCauses: number
  /** Red pairs that a remedy was to cure, and that are red after the last round. */
  remediesThatFail: number
  /** Pairs that were dialable before the remedies and are not after them. */
  madeWorse: number
  cured: number
  /** Red pairs of which the remedy says that nothing cures them. */
  incurable: number
  /** Runs with remedies that it took, by plan: how many plans took none, one, two, three. */
  rounds: number[]
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
  readonly #fates = { cured: 0, incurable: 0, failed: 0 }
  #worse = 0
  readonly #rounds: number[] = []

  constructor(seed: number) {
    this.#seed = seed
  }

  add(trial: Trial): void {
    this.#plans += 1
    const rounds = trial.runs.length - 1
    while (this.#rounds.length <= rounds) this.#rounds.push(0)
    this.#rounds[rounds] = (this.#rounds[rounds] ?? 0) + 1
    for (const verdict of trial.runs.flat()) this.#count(verdict)
    const { fates, worse } = fatesOf(trial)
    for (const fate of fates) this.#fates[fate] += 1
    this.#worse += worse
  }

  #count(verdict: Verdict): void {
    this.#cells += 1
    const { truth, cell } = verdict
    const seen = cell === null ? 'nothing' : (cell.cause ?? 'dialable')
    if (!isRight(verdict)) this.#wrong += 1
    const names = { truth: isRight(verdict) ? seen : (truth.cause ?? 'dialable'), seen }
    const key = `${names.truth} ${names.seen}`
    const known = this.#confusions.get(key) ?? { ...names, count: 0 }
    this.#confusions.set(key, { ...known, count: known.count + 1 })
  }

  report(): AccuracyReport {
    return {
      schema: 'kadlab.accuracy/1',
      seed: this.#seed,
      plans: this.#plans,
      cells: this.#cells,
      wrongCauses: this.#wrong,
      remediesThatFail: this.#fates.failed,
      madeWorse: this.#worse,
      cured: this.#fates.cured,
      incurable: this.#fates.incurable,
      rounds: [...this.#rounds],
    }
  }

  /** The most frequent first. */
  confusions(): Confusion[] {
    return [...this.#confusions.values()].toSorted((one, other) => other.count - one.count)
  }
}
