import type { Cell } from '#node/view/cell.ts'
import { rungColor, rungMark } from '#node/view/matrix.ts'
import { formatMs } from '#node/view/text.ts'

/** How a cell looks: its sign says the same as its colour. What is as it was meant to be is no alarm. */
export function rungLook(cell: Pick<Cell, 'rung' | 'meant'>): {
  mark: ReturnType<typeof rungMark>
  look: 'good' | 'meant' | 'half' | 'bad'
} {
  return { mark: rungMark(cell), look: LOOKS[rungColor(cell)] }
}

const LOOKS = { green: 'good', cyan: 'meant', yellow: 'half', red: 'bad' } as const

/** Whether something holds, as a sign; null: not decided yet. */
export function outcomeLook(holds: boolean | null): {
  mark: '✔' | '✘' | '…'
  look: 'good' | 'bad' | 'open'
} {
  if (holds === null) return { mark: '…', look: 'open' }
  return holds ? { mark: '✔', look: 'good' } : { mark: '✘', look: 'bad' }
}

/** Milliseconds for people: `303 ms`, `6.0 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 60_000) return formatMs(ms)
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
