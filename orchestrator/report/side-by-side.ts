import { standings } from '#node/view/crowd.ts'
import { rungColor, rungMark } from '#node/view/matrix.ts'
import type { Style } from '#node/view/style.ts'
import { columnWidths } from '#node/view/text.ts'
import { fit, isCrowd } from './format.ts'
import type { Report, VariantReport } from './report-schema.ts'

interface Square {
  text: string
  color?: ReturnType<typeof rungColor> | 'dim'
}

/** The variants in columns: how each pair stands, what held, and which settings differ between them. */
export function sideBySideLines(report: Report, width: number, style: Style): string[] {
  const { variants } = report
  const isShort = variants.some(({ nodes }) => isCrowd(nodes))
  const rows: [label: string, squares: Square[]][] = [
    ['', variants.map(({ name }): Square => ({ text: name }))],
    ...(isShort ? standingRows(variants) : pairRows(variants)),
    ['expectations', variants.map(verdictSquare)],
    ...settingRows(variants, isShort),
  ]
  return columns(rows, width, style)
}

/** Settings of nodes that are not the same in all variants: `A PUBLIC_IP`, and its value in each variant. */
export function differingSettings(
  variants: readonly VariantReport[],
): { node: string; variable: string; values: (string | null)[] }[] {
  const names = [...new Set(variants.flatMap(({ nodes }) => nodes.map(({ name }) => name)))]
  return names.flatMap((node) => {
    const variables = new Set(variants.flatMap(({ settings }) => Object.keys(settings[node] ?? {})))
    const programs = variants.map(
      ({ nodes }) => nodes.find(({ name }) => name === node)?.program ?? null,
    )
    return [
      { node, variable: 'program', values: programs },
      ...[...variables].map((variable) => ({
        node,
        variable,
        values: variants.map(({ settings }) => settings[node]?.[variable] ?? null),
      })),
    ].filter(({ values }) => new Set(values).size > 1)
  })
}

function pairRows(variants: readonly VariantReport[]): [string, Square[]][] {
  const pairs = new Map<string, [observer: string, target: string]>()
  for (const { cells } of variants) {
    for (const { observer, target } of cells) pairs.set(`${observer} ${target}`, [observer, target])
  }
  return [...pairs.values()].flatMap(([observer, target]): [string, Square[]][] => {
    const found = variants.map(({ cells }) =>
      cells.find((cell) => cell.observer === observer && cell.target === target),
    )
    const rungs = found.map((cell): Square =>
      cell === undefined
        ? { text: '?', color: 'dim' }
        : { text: `${rungMark(cell)} ${cell.rung}`, color: rungColor(cell) },
    )
    const causes = found.map((cell): Square => ({ text: cell?.cause ?? '', color: 'dim' }))
    const label = `${target} at ${observer}`
    return causes.some(({ text }) => text !== '')
      ? [
          [label, rungs],
          ['', causes],
        ]
      : [[label, rungs]]
  })
}

/** How many pairs stand how in each variant. */
function standingRows(variants: readonly VariantReport[]): [string, Square[]][] {
  const first = standings(variants.flatMap(({ cells }) => cells))
  const byVariant = variants.map(
    ({ cells }) => new Map(standings(cells).map((each) => [each.key, each])),
  )
  return first.toReversed().map(({ key, cells: [{ rung, cause }] }) => [
    cause ?? rung,
    byVariant.map((found): Square => {
      const cells = found.get(key)?.cells
      if (cells === undefined) return { text: '–', color: 'dim' }
      return { text: `${rungMark(cells[0])} ${cells.length}`, color: rungColor(cells[0]) }
    }),
  ])
}

function verdictSquare({ holds, expectations }: VariantReport): Square {
  const held = expectations.filter((expectation) => expectation.holds).length
  return {
    text: `${holds ? '✔' : '✘'} ${held} of ${expectations.length} hold`,
    color: holds ? 'green' : 'red',
  }
}

function settingRows(variants: readonly VariantReport[], isShort: boolean): [string, Square[]][] {
  const alike = Map.groupBy(differingSettings(variants), ({ variable, values }) =>
    // What differs from node to node of a crowd, an address say, is one setting of all of them.
    JSON.stringify([variable, values.map((value) => value !== null)]),
  )
  const rows = [...alike.values()].flatMap((those) =>
    isShort && those.length > 1 ? [inShort(those)] : those,
  )
  return rows.map(({ node, variable, values }) => [
    `${node} ${variable}`,
    values.map((value): Square => (value === null ? { text: '–', color: 'dim' } : { text: value })),
  ])
}

type Setting = ReturnType<typeof differingSettings>[number]

/** One row for the settings of many nodes. */
function inShort(settings: readonly Setting[]): Setting {
  const [first] = settings as [Setting, ...Setting[]]
  const values = first.values.map((value, at) =>
    settings.every(({ values }) => values[at] === value) ? value : 'each its own',
  )
  return { ...first, node: `${settings.length} nodes`, values }
}

/** As many columns beside each other as fit, the rest below. */
function columns(
  rows: readonly [label: string, squares: Square[]][],
  width: number,
  style: Style,
): string[] {
  const labelWidth = Math.max(...rows.map(([label]) => label.length))
  const widest = Math.max(8, Math.min(40, width - labelWidth - 2))
  const widths = columnWidths(rows.map(([, squares]) => squares.map(({ text }) => text))).map(
    (each) => Math.min(each, widest),
  )
  const blocks: number[][] = []
  let used = 0
  for (const [column, each] of widths.entries()) {
    const block = blocks.at(-1)
    if (block === undefined || used + each + 2 > width) {
      blocks.push([column])
      used = labelWidth + each + 2
    } else {
      block.push(column)
      used += each + 2
    }
  }
  return blocks.flatMap((block, index) => [
    ...(index === 0 ? [] : ['']),
    ...rows.map(([label, squares], at) => {
      const last = block.findLastIndex((column) => (squares[column]?.text ?? '') !== '')
      const cells = block.slice(0, last + 1).map((column, index) => {
        const { text, color } = squares[column] ?? { text: '' }
        const fitted = fit(text, widths[column] ?? 0)
        const shown = index === last ? fitted.trimEnd() : fitted
        if (at === 0) return style('bold', shown)
        return color === undefined ? shown : style(color, shown)
      })
      return [label.padEnd(labelWidth), ...cells].join('  ').trimEnd()
    }),
  ])
}
