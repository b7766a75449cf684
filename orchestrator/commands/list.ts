import { asTyped } from '#node/base/typed.ts'
import { createStyle, wantsColors } from '#node/view/style.ts'
import { columnWidths, wrap } from '#node/view/text.ts'
import { catalogue } from '#orchestrator/catalogue/catalogue.ts'
import { lineWidth } from '#orchestrator/report/format.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { CommandIo } from './io.ts'

/** Prints the catalogue of scenarios: what each shows, its variants, and the fabrics that can run it. */
export async function listCommand(io: CommandIo): Promise<ExitStatus> {
  const style = createStyle(wantsColors(io.isTerminal, io.env))
  const entries = await catalogue({ directory: io.directory })
  const rows = entries.map(({ name, fabrics, variants }) => [
    name,
    fabrics.join(', '),
    variants.join(', '),
  ])
  const head = ['scenario', 'fabrics', 'variants']
  const widths = columnWidths([head, ...rows])
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  io.stdout(`${style('dim', line(head))}\n`)
  for (const [index, row] of rows.entries()) {
    const [name = ''] = row
    io.stdout(`${style('bold', name)}${line(row).slice(name.length)}\n`)
    const title = entries[index]?.title ?? ''
    for (const text of wrap(title, lineWidth(io.columns) - 2)) {
      io.stdout(`${style('dim', `  ${text}`)}\n`)
    }
  }
  const run = asTyped(io.env, 'scenario', { operands: '<name>', options: '[options]' })
  io.stdout(style('dim', `\n${run}; --help lists the options\n`))
  return EXIT.held
}
