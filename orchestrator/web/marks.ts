import type { Rung } from '#node/judgement/ladder.ts'

/** How a rung looks: its sign says the same as its colour. */
export function rungLook(rung: Rung): { mark: '●' | '◐' | '○'; look: 'good' | 'half' | 'bad' } {
  if (rung === 'dialable') return { mark: '●', look: 'good' }
  return rung === 'listed' ? { mark: '◐', look: 'half' } : { mark: '○', look: 'bad' }
}

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
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
