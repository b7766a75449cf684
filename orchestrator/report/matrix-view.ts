import { RUNGS, type Rung } from '#node/discovery/ladder.ts'
import type { Cell } from '#orchestrator/events.ts'
import { columnWidths } from './format.ts'
import type { Style } from './style.ts'

/** How a rung looks: its mark, and its colour. */
export function rungMark(rung: Rung): '●' | '◐' | '○' {
  if (rung === 'dialable') return '●'
  return rung === 'listed' ? '◐' : '○'
}

export function rungColor(rung: Rung): 'green' | 'yellow' | 'red' {
  if (rung === 'dialable') return 'green'
  return rung === 'listed' ? 'yellow' : 'red'
}

/** The observer × target matrix: a word in each square where they fit into `width`, else the rung's number. */
export function matrixLines(
  cells: readonly Cell[],
  nodes: readonly string[],
  width: number,
  style: Style,
): string[] {
  const words = squares(cells, nodes, (rung) => `${rungMark(rung)} ${rung}`)
  const widths = columnWidths(words)
  const fits = widths.reduce((sum, each) => sum + each + 2, 0) <= width
  if (fits) return matrix(words, widths, cells, nodes, style)
  const numbers = squares(cells, nodes, (rung) => String(RUNGS.indexOf(rung)))
  return [
    ...matrix(numbers, columnWidths(numbers), cells, nodes, style),
    style('dim', RUNGS.map((rung, index) => `${index} ${rung}`).join(', ')),
  ]
}

const CORNER = 'observer ╲ target'

function squares(
  cells: readonly Cell[],
  nodes: readonly string[],
  text: (rung: Rung) => string,
): string[][] {
  return [
    [CORNER, ...nodes],
    ...nodes.map((observer) => [
      observer,
      ...nodes.map((target) => {
        if (observer === target) return '·'
        const cell = find(cells, observer, target)
        return cell === undefined ? '?' : text(cell.rung)
      }),
    ]),
  ]
}

function matrix(
  rows: string[][],
  widths: number[],
  cells: readonly Cell[],
  nodes: readonly string[],
  style: Style,
): string[] {
  return rows.map((row, at) =>
    row
      .map((text, column) => {
        const last = column === row.length - 1
        const padded = last ? text : text.padEnd(widths[column] ?? 0)
        if (at === 0) return column === 0 ? style('dim', padded) : style('bold', padded)
        if (column === 0) return style('bold', padded)
        const cell = find(cells, nodes[at - 1] ?? '', nodes[column - 1] ?? '')
        return cell === undefined ? style('dim', padded) : style(rungColor(cell.rung), padded)
      })
      .join('  '),
  )
}

function find(cells: readonly Cell[], observer: string, target: string): Cell | undefined {
  return cells.find((cell) => cell.observer === observer && cell.target === target)
}
