/** One measured figure beside what it should be. */
export interface Figure {
  name: string
  unit: 'ms' | 'bytes' | 'ratio'
  /** Each run's value. */
  runs: number[]
  median: number
  target: number
  /** `median / target`: at most 1 where the target is met. */
  ratio: number
  met: boolean
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}

/** @param runs at least one value */
export function figure(name: string, unit: Figure['unit'], runs: number[], target: number): Figure {
  const middle = median(runs)
  const ratio = middle / target
  return {
    name,
    unit,
    runs: runs.map(round),
    median: round(middle),
    target,
    ratio: round(ratio),
    met: ratio <= 1,
  }
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}
