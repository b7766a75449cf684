/** A series of an answer of Prometheus, and its value, which it writes as text. */
export interface Sample {
  metric: Readonly<Record<string, string>>
  value: readonly [time: number, value: string]
}

/**
 * What a panel that shows these labels has too little of for a person to read it; null where it has all. A label may be
 * empty, and so be none, of some series, but not of all.
 */
export function lackOf(samples: readonly Sample[], labels: readonly string[]): string | null {
  if (samples.length === 0) return 'no series'
  if (samples.every(({ value }) => value[1] === 'NaN')) return 'no number'
  const missing = labels.filter((label) => samples.every(({ metric }) => !metric[label]))
  return missing.length === 0 ? null : `no ${missing.join(', ')}`
}
