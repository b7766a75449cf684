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
  if (view.cells.length === 0) return ['No peer was heard of.']
  const causes = view.cells.flatMap((cell) => {
    const lines = causeLines(cell, width, style)
    return lines.length === 0 ? [] : ['', ...lines]
  })
  return [...matrixLines(view, width, style), ...causes]
}
