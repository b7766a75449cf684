import { UsageError } from './errors.ts'

/** One option of a command, as npm may have swallowed it. */
export interface KnownFlag {
  /** Without dashes. */
  name: string
  /** What values look like, for the right form; null where the option takes none. */
  value: string | null
  /** Whether a word can be its value. */
  takes?: (word: string) => boolean
}

/**
 * npm takes options before `--` for its own: it drops them from the arguments and leaves them in the environment.
 * Without this check `npm run scenario x --fabric docker` would run on whatever fabric is found.
 *
 * @param words - the arguments that came through, the command's name first
 * @param operands - how many of them the command takes
 * @throws UsageError with the right form
 */
export function refuseSwallowedFlags(
  words: readonly string[],
  operands: number,
  flags: readonly KnownFlag[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  const [command = ''] = words
  // Only npm's own run of this very script: an outer `npm test --json` is not meant for us.
  if (env['npm_lifecycle_event'] !== command) return
  const swallowed = flags.flatMap((flag) => {
    const text = env[`npm_config_${flag.name.replaceAll('-', '_')}`]
    return text === undefined || text === '' ? [] : [{ flag, texts: text.split('\n\n') }]
  })
  if (swallowed.length === 0) return
  const separator = words.indexOf('--')
  const operandWords = (separator === -1 ? words : words.slice(0, separator)).slice(1)
  const own = operandWords.filter((word) => !word.startsWith('-')).slice(0, operands)
  const stray = operandWords.filter((word) => !word.startsWith('-')).slice(operands)
  const options = swallowed.flatMap(({ flag, texts }) =>
    texts.map((text) => {
      if (flag.value === null) return `--${flag.name}`
      return `--${flag.name} ${text === 'true' ? valueAmong(stray, flag, swallowed.length) : text}`
    }),
  )
  const names = swallowed.map(({ flag }) => `--${flag.name}`).join(', ')
  throw new UsageError(
    `npm took ${names} for its own and passed nothing on: options come after a --. Nothing was started; type\n` +
      `  npm run ${[command, ...own].join(' ')} -- ${options.join(' ')}`,
  )
}

/** The value that npm left among the arguments, where it can be told which one it is. */
function valueAmong(stray: string[], flag: KnownFlag, swallowed: number): string {
  const fitting = stray.filter((word) => flag.takes?.(word) ?? swallowed === 1)
  const [word] = fitting
  return word !== undefined && fitting.length === 1 ? word : (flag.value ?? '')
}
