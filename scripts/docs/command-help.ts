import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const LAUNCHER = join(import.meta.dirname, '../kadlab.mjs')

/** Commands that say more than a table of the reference does: `node` lists its variables. */
const COMMANDS = ['scenario', 'lab', 'init', 'matrix', 'proof', 'clean', 'doctor', 'shell', 'peers']

/** The help of each command, as a user gets it. */
export async function commandsHelp(): Promise<string> {
  const texts = await Promise.all(COMMANDS.map(help))
  return COMMANDS.map((name, index) =>
    [`## ${name}`, '', '```text', texts[index]?.trimEnd(), '```'].join('\n'),
  ).join('\n\n')
}

async function help(command: string): Promise<string> {
  // Started by the command, not by the npm that makes the documents; as wide as where no terminal is.
  const env = { PATH: process.env['PATH'] ?? '' }
  const { stdout } = await promisify(execFile)(process.execPath, [LAUNCHER, command, '--help'], {
    env,
  })
  return stdout
}
