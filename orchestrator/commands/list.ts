import { asTyped } from '#node/base/typed.ts'
import { createStyle, wantsColors } from '#node/view/style.ts'
import { catalogue } from '#orchestrator/catalogue/catalogue.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import type { CommandIo } from './io.ts'

/** Prints the catalogue of scenarios, one line each. */
export async function listCommand(io: CommandIo): Promise<ExitStatus> {
  const style = createStyle(wantsColors(io.isTerminal, io.env))
  const entries = await catalogue({ directory: io.directory })
  const width = Math.max(...entries.map(({ name }) => name.length))
  const words = { operands: '<name>', options: '[options]' }
  const run = asTyped(io.env, 'scenario', words)
  for (const { name, title } of entries) {
    io.stdout(`${style('bold', name.padEnd(width))}  ${title}\n`)
  }
  io.stdout(style('dim', `\n${run}; --help says which\n`))
  return EXIT.held
}
