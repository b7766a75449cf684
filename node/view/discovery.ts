import { causeLines } from './cause.ts'
import type { Cell, DiscoveryView } from './cell.ts'
import { crowdLines } from './crowd.ts'
import { matrixLines } from './matrix.ts'
import type { Style } from './style.ts'

/**
 * Who sees whom, as a scenario shows it: the observer × target matrix, then cause, evidence and remedy of each cell that
 * is not on the top rung. Where nobody knows of anybody, a sentence that says so.
 *
 * @param width - characters in a line
 */
export function discoveryLines(view: DiscoveryView, width: number, style: Style): string[] {
  const { cells, onlyHeardOf = 0, isUnasked = () => false, isShort = false } = view
  if (cells.length + onlyHeardOf === 0) return ['No peer was heard of.']
  const unmet = new Set(cells.filter((cell) => neverMet(cell) && isUnasked(cell)))
  if (isShort) {
    const asked = cells.filter((cell) => !unmet.has(cell))
    return [...crowdLines(asked, unmet.size, width, style), ...unmetLines(unmet.size, style)]
  }
  const causes = cells.flatMap((cell) => {
    if (unmet.has(cell)) return []
    const lines = causeLines(cell, width, style)
    return lines.length === 0 ? [] : ['', ...lines]
  })
  const more =
    onlyHeardOf === 0
      ? []
      : [
          '',
          style('dim', `${onlyHeardOf} more were only heard of, and never dialled (NEVER_DIALLED)`),
        ]
  return [...matrixLines(view, width, style), ...causes, ...unmetLines(unmet.size, style), ...more]
}

/** Neither has the other for a reason that lies in who knows whom, and not in an address or a router. */
function neverMet({ rung, cause }: Cell): boolean {
  return (
    rung === 'unknown' &&
    (cause === 'NOT_TOLD' || cause === 'NOT_JOINED' || cause === 'NEVER_DIALLED')
  )
}

function unmetLines(count: number, style: Style): string[] {
  if (count === 0) return []
  const pairs = count === 1 ? '1 pair' : `${count} pairs`
  return ['', style('dim', `${pairs} never met, and nothing was expected of them`)]
}
