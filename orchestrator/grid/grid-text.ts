import type { Cell } from '#node/view/cell.ts'
import { rungColor, rungMark } from '#node/view/matrix.ts'
import type { Style } from '#node/view/style.ts'
import { wrap } from '#node/view/text.ts'
import { NAT_PRESETS, type NatPresetName } from '#orchestrator/net/nat-presets.ts'
import { type GridCell, type GridReport, planesOf, planeText } from '#orchestrator/picture/grid.ts'

/** Letters stand for causes in squares that have no room for their names. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/**
 * The grids as text: A's NAT in the rows, B's in the columns, in each square how B stands at A, then how A stands at B; a
 * letter names the cause.
 */
export function gridLines(report: GridReport, width: number, style: Style): string[] {
  const causes = [
    ...new Set(
      report.cells.flatMap(({ bAtA, aAtB }) => [bAtA?.cause ?? null, aAtB?.cause ?? null]),
    ),
  ].filter((cause) => cause !== null)
  const letter = (cell: Cell | null): string =>
    cell === null || cell.cause === null ? ' ' : (LETTERS[causes.indexOf(cell.cause)] ?? '?')
  const sign = (cell: Cell | null): string =>
    cell === null ? style('dim', '? ') : style(rungColor(cell), `${rungMark(cell)}${letter(cell)}`)
  const square = (cell: GridCell | null, room: number): string =>
    cell === null
      ? '?'.padEnd(room)
      : `${sign(cell.bAtA)} ${sign(cell.aAtB)}${' '.repeat(Math.max(0, room - 5))}`
  const { natA, natB } = report.axes
  const head = 'A ╲ B'
  const first = Math.max(head.length, ...natA.map((name) => name.length))
  const planes = planesOf(report).flatMap((plane) => [
    '',
    style('bold', planeText(plane)),
    '',
    [head.padEnd(first), ...natB.map((name) => style('bold', name.padEnd(5)))].join('  '),
    ...plane.rows.map(({ natA, cells }) =>
      [
        style('bold', natA.padEnd(first)),
        ...cells.map((cell, column) => square(cell, Math.max(5, natB[column]?.length ?? 0))),
      ]
        .join('  ')
        .trimEnd(),
    ),
  ])
  return [
    ...planes,
    '',
    `in each square B at A, then A at B: ${style('green', '●')} dialable, ${style('yellow', '◐')} listed, ${style('red', '○')} lower`,
    ...causes.map((cause, index) => `  ${LETTERS[index] ?? '?'} ${cause}`),
    '',
    ...[...new Set([...natA, ...natB])].flatMap((name) => deviceLines(name, width, style)),
  ]
}

/** Which real devices behave so. */
function deviceLines(name: NatPresetName, width: number, style: Style): string[] {
  const { doc, seenAt } = NAT_PRESETS[name]
  const example = seenAt[0] === undefined ? '' : ` Seen at: ${seenAt[0].what}.`
  return wrap(`${doc}${example}`, width - 20).map(
    (line, index) => `${style('dim', (index === 0 ? name : '').padEnd(20))}${line}`,
  )
}
