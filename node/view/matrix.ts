import { RUNGS } from '../judgement/ladder.ts'
import { type Cell, deadOf, type DiscoveryView } from './cell.ts'
import type { Style } from './style.ts'
import { columnWidths } from './text.ts'

/** What decides how a cell looks. */
type Standing = Pick<Cell, 'rung' | 'meant'>

/** The mark of a cell: how far it came, and whether that is as it was meant to be. */
export function rungMark({ rung, meant }: Standing): '●' | '◐' | '○' | '◌' {
  if (rung === 'dialable') return '●'
  if (meant !== undefined) return '◌'
  return rung === 'listed' ? '◐' : '○'
}

/** A cell that is as it was meant to be is no alarm. */
export function rungColor({ rung, meant }: Standing): 'green' | 'cyan' | 'yellow' | 'red' {
  if (rung === 'dialable') return 'green'
  if (meant !== undefined) return 'cyan'
  return rung === 'listed' ? 'yellow' : 'red'
}

/**
 * The observer × target matrix: a word in each square where they fit into `width`, else the rung's number. Of a single
 * observer with more targets than fit, a line for each.
 */
export function matrixLines(view: DiscoveryView, width: number, style: Style): string[] {
  const words = squares(view, (cell) => `${rungMark(cell)} ${cell.rung}${deadMark(cell)}`)
  if (widthOf(words) <= width) return matrix(words, view, style)
  const numbers = squares(view, ({ rung }) => String(RUNGS.indexOf(rung)))
  if (view.observers.length === 1 && widthOf(numbers) > width) return list(view, style)
  return [
    ...matrix(numbers, view, style),
    style('dim', RUNGS.map((rung, index) => `${index} ${rung}`).join(', ')),
  ]
}

/** A green square must not hide that most addresses lead nowhere. */
function deadMark(cell: Cell): string {
  const dead = deadOf(cell)
  return dead === null ? '' : `, ${dead.dead} dead`
}

const CORNER = 'observer ╲ target'

function widthOf(rows: readonly string[][]): number {
  return columnWidths(rows).reduce((sum, each) => sum + each + 2, -2)
}

function squares(view: DiscoveryView, text: (cell: Cell) => string): string[][] {
  return [
    [CORNER, ...view.targets],
    ...view.observers.map((observer) => [
      observer,
      ...view.targets.map((target) => {
        if (observer === target) return '·'
        const cell = find(view, observer, target)
        return cell === undefined ? '?' : text(cell)
      }),
    ]),
  ]
}

function matrix(rows: string[][], view: DiscoveryView, style: Style): string[] {
  const widths = columnWidths(rows)
  return rows.map((row, at) =>
    row
      .map((text, column) => {
        const last = column === row.length - 1
        const padded = last ? text : text.padEnd(widths[column] ?? 0)
        if (at === 0) return column === 0 ? style('dim', padded) : style('bold', padded)
        if (column === 0) return style('bold', padded)
        const cell = find(view, view.observers[at - 1] ?? '', view.targets[column - 1] ?? '')
        return cell === undefined ? style('dim', padded) : style(rungColor(cell), padded)
      })
      .join('  '),
  )
}

function list({ cells, observers }: DiscoveryView, style: Style): string[] {
  const head = `target at ${observers[0]}`
  const width = Math.max(head.length, ...cells.map(({ target }) => target.length))
  const rows = cells.map(
    (cell) =>
      `${style('bold', cell.target.padEnd(width))}  ${style(rungColor(cell), `${rungMark(cell)} ${cell.rung}${deadMark(cell)}`)}`,
  )
  return [style('dim', head), ...rows]
}

function find({ cells }: DiscoveryView, observer: string, target: string): Cell | undefined {
  return cells.find((cell) => cell.observer === observer && cell.target === target)
}
