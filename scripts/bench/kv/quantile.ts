/** How long something took, of many times: milliseconds. */
export interface Times {
  count: number
  p50: number
  p99: number
}

/** The value below which a share of the values lies; the greatest where few are given. Not a number for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function timesOf(values: readonly number[]): Times {
  const rounded = (share: number): number => Number(quantile(values, share).toPrecision(4))
  return { count: values.length, p50: rounded(0.5), p99: rounded(0.99) }
}
