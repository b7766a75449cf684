import { causeLines } from './cause.ts'
import type { DiscoveryView } from './cell.ts'
import { matrixLines } from './matrix.ts'
import type { Style } from './style.ts'

/**
 * Who sees whom, as a scenario shows it: the observer × target matrix, then cause, evidence and remedy of each cell that
 * is not on the top rung. Where nobody knows of anybody, a sentence that says so.
 *
 * @param width - characters in a line
 */
export function discoveryLines(view: DiscoveryView, width: number, style: Style): string[] {
  const { cells, onlyHeardOf = 0 } = view
  if (cells.length + onlyHeardOf === 0) return ['No peer was heard of.']
  const causes = cells.flatMap((cell) => {
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
  return [...matrixLines(view, width, style), ...causes, ...more]
}
