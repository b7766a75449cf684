import { parseArgs, type ParseArgsConfig } from 'node:util'
import { describeError } from '#node/base/errors.ts'

/**
 * The words of a script of this repository, read as `parseArgs` does. With `--help` it prints what it takes and ends with
 * 0; words that it does not take end it with 2.
 *
 * @param usage - what it prints with --help: how it is typed, what it does, its exit statuses
 */
export function readWords<const Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  const words = process.argv.slice(2)
  if (words.includes('--help') || words.includes('-h')) {
    console.log(usage.trim())
    process.exit(0)
  }
  try {
    return parseArgs(config)
  } catch (error) {
    console.error(`${describeError(error)}\n\n${usage.trim()}`)
    process.exit(2)
  }
}
