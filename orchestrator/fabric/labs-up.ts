/**
 * Labs of this process that are at an engine: they were begun, and are neither removed nor kept. Whoever ends the process
 * at once can say what it leaves.
 */
const up = new Set<string>()

/** A lab is being made at an engine. */
export function noteLabUp(id: string): void {
  up.add(id)
}

/** A lab is removed to its last piece, or kept on purpose. */
export function noteLabGone(id: string): void {
  up.delete(id)
}

/** What is left, in one line for people; null where nothing is. */
export function describeLeftovers(): string | null {
  if (up.size === 0) return null
  const ids = [...up]
  const labs = ids.length === 1 ? 'lab' : 'labs'
  return `left at the engine: ${labs} ${ids.join(', ')}; \`npm run clean\` removes what a run left`
}
