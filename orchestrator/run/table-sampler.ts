import type { Clock } from '#node/time/clock.ts'
import type { LabNodes } from '../words/lab-nodes.ts'

/** The routing tables at one moment. */
export interface TableSample {
  recall: number
  dead: number
  contacts: number
}

/** Tells how the routing tables change over time. */
export interface TableSampler {
  /** A table changed: told where the last time is a second ago and more. */
  changed(): void
  /** Told in any case, unless nothing has changed since. */
  now(): void
}

const INTERVAL_MS = 1000

export function createTableSampler({
  crew,
  clock,
  emit,
}: {
  crew: Pick<LabNodes, 'tableHealth'>
  clock: Clock
  emit: (sample: TableSample) => void
}): TableSampler {
  let toldAtMs = Number.NEGATIVE_INFINITY
  let told = ''

  function tell(): void {
    const { recall, dead, contacts } = crew.tableHealth()
    const sample = { recall, dead, contacts }
    toldAtMs = clock.now()
    if (JSON.stringify(sample) === told) return
    told = JSON.stringify(sample)
    emit(sample)
  }

  return {
    changed() {
      if (clock.now() - toldAtMs >= INTERVAL_MS) tell()
    },
    now: tell,
  }
}
