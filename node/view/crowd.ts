import { RUNGS } from '../judgement/ladder.ts'
import { causeLines } from './cause.ts'
import { type Cell, deadOf } from './cell.ts'
import { rungColor, rungMark } from './matrix.ts'
import type { Style } from './style.ts'
import { columnWidths, wrap } from './text.ts'

/** Cells that stand alike: on one rung, for one cause, meant so or not. */
export interface Standing {
  /** Equal for cells that stand alike. */
  key: string
  cells: readonly [Cell, ...Cell[]]
}

/** Cells by how they stand, the lowest rung first, and of one rung the rarest first. */
export function standings(cells: readonly Cell[]): Standing[] {
  const byKey = Map.groupBy(cells, keyOf)
  const all = [...byKey].map(([key, [first, ...others]]): Standing => {
    return { key, cells: [first as Cell, ...others] }
  })
  const rung = ({ cells: [first] }: Standing): number => RUNGS.indexOf(first.rung)
  return all.toSorted(
    (one, other) => rung(one) - rung(other) || one.cells.length - other.cells.length,
  )
}

function keyOf(cell: Cell): string {
  const dead = deadOf(cell) === null ? '' : 'dead addresses'
  return [rungMark(cell), cell.rung, cell.cause ?? dead, cell.meant ?? ''].join(' ')
}

/** So many pairs are named of those that stand alike, and so many nodes. */
const NAMED = 3

/**
 * Many nodes in short: how many pairs stand how, whom the fewest see, and of each cause the first pair with what is to be said
 * of it. Rare causes come first: what befell one node in fifty is what nobody sees in a matrix.
 *
 * @param cells without those that are no findings
 * @param width - characters in a line
 */
export function crowdLines(
  cells: readonly Cell[],
  unmet: number,
  width: number,
  style: Style,
): string[] {
  const all = standings(cells)
  const findings = all
    .filter(({ cells: [first] }) => first.meant === undefined)
    .toSorted((one, other) => one.cells.length - other.cells.length)
  const causes = findings.flatMap(({ cells: [first, ...others] }) => {
    const lines = causeLines(first, width, style)
    if (lines.length === 0) return []
    const more = others.length === 0 ? [] : [style('dim', `  likewise ${namesOf(others)}`)]
    return ['', ...lines, ...more]
  })
  return [
    style('dim', `${cells.length + unmet} pairs, by how they stand`),
    ...table(all, style),
    ...unseen(cells, width),
    ...causes,
  ]
}

function table(all: readonly Standing[], style: Style): string[] {
  const rows = all.toReversed().map(({ cells }) => {
    const [{ rung, cause, meant }] = cells
    const why = cause ?? (deadOf(cells[0]) === null ? '' : 'dead addresses')
    return [String(cells.length), rung, `${why}${meant === undefined ? '' : `, ${meant}`}`]
  })
  const [counts = 0, rungs = 0] = columnWidths(rows)
  return rows.map(([count = '', rung = '', why = ''], at) => {
    const first = all.toReversed()[at]?.cells[0]
    if (first === undefined) return ''
    const mark = style(rungColor(first), `${rungMark(first)} ${rung.padEnd(rungs)}`)
    return `${style('bold', count.padStart(counts))}  ${mark}  ${why}`.trimEnd()
  })
}

/** Whom fewer see than the others are seen by: the nodes to look at first. */
function unseen(cells: readonly Cell[], width: number): string[] {
  const byTarget = Map.groupBy(cells, ({ target }) => target)
  const seen = [...byTarget].map(([target, all]) => ({
    target,
    of: all.length,
    missed: all.filter(
      ({ rung, meant }) => rung !== 'dialable' && rung !== 'listed' && meant === undefined,
    ).length,
  }))
  const worst = seen.toSorted((one, other) => other.missed - one.missed)
  const most = worst[0]?.missed ?? 0
  if (most === 0 || worst.every(({ missed }) => missed === most)) return []
  const named = worst.filter(({ missed }) => missed > 0).slice(0, NAMED)
  const texts = named.map(({ target, missed, of }) => `${target} by ${missed} of ${of}`)
  const more = worst.filter(({ missed }) => missed > 0).length - named.length
  const others = more > 0 ? `, and ${more} more nodes by as many or fewer` : ''
  return ['', ...wrap(`not listed: ${texts.join(', ')}${others}`, width)]
}

function namesOf(cells: readonly Cell[]): string {
  const named = cells.slice(0, NAMED).map(({ observer, target }) => `${target} at ${observer}`)
  const more = cells.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
