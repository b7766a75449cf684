import { UsageError } from './errors.ts'
import type { CommandForm, KnownFlag } from './known-flags.ts'
import { placeWords } from './place-words.ts'

/** One appearance of an option that npm took. */
interface Swallowed {
  flag: KnownFlag
  /** What npm understood as its value; null where it stands among the arguments, or is missing. */
  text: string | null
  /** `--no-keep`, `--keep=false`. */
  negated: boolean
}

/**
 * npm takes options before `--` for its own: it drops them from the arguments and leaves them in the environment.
 * Without this check `npm run scenario x --fabric docker` would run on whatever fabric is found.
 *
 * @param words - the arguments that came through, the command's name first
 * @throws UsageError with the right form
 */
export async function refuseSwallowedFlags(
  words: readonly string[],
  form: CommandForm | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const [command = '', ...given] = words
  // Only npm's own run of this very script: an outer `npm test --json` is not meant for us.
  if (form === undefined || env['npm_lifecycle_event'] !== command) return
  const swallowed = form.flags.flatMap((flag) => swallowedFlag(flag, env))
  if (swallowed.length === 0) return
  const names = swallowed.map(({ flag, negated }) => `--${negated ? 'no-' : ''}${flag.name}`)
  const off = swallowed.filter(({ negated }) => negated).map(({ flag }) => `--${flag.name}`)
  const without = off.length === 0 ? '' : ` What ${off.join(', ')} does is off without it.`
  throw new UsageError(
    `npm took ${[...new Set(names)].join(', ')} for its own and passed nothing on: options come after a --.` +
      `${without} Nothing was started; type\n  ${await rightForm(command, given, form, swallowed)}`,
  )
}

/** npm leaves `--flag=value` as the value, `--flag value` as 'true', `--no-flag` empty, and joins several by empty lines. */
function swallowedFlag(
  flag: KnownFlag,
  env: Readonly<Record<string, string | undefined>>,
): Swallowed[] {
  const all = env[`npm_config_${flag.name.replaceAll('-', '_')}`]
  if (all === undefined || (all === '' && flag.npmHasIt === true)) return []
  return all.split('\n\n').map((text) => ({
    flag,
    text: text === '' || text === 'true' ? null : text,
    negated: flag.value === null && (text === '' || text === 'false'),
  }))
}

async function rightForm(
  command: string,
  given: readonly string[],
  { operand }: CommandForm,
  swallowed: readonly Swallowed[],
): Promise<string> {
  // npm lets no option through before its --, so what begins with one came after it.
  const firstOption = given.findIndex((word) => word.startsWith('-'))
  const words = firstOption === -1 ? given : given.slice(0, firstOption)
  const passed = firstOption === -1 ? [] : given.slice(firstOption).filter((word) => word !== '--')

  const meant = swallowed.filter(({ negated }) => !negated)
  const missing = meant.filter(({ flag, text }) => flag.value !== null && text === null)
  const placing = placeWords(
    words,
    missing.map(({ flag: { name, takes = () => true } }) => ({ key: name, takes })),
    operand && { recognizes: await operand.recognizer() },
  )
  const options = meant.flatMap((one) => {
    const { flag, text } = one
    if (flag.value === null) return [`--${flag.name}`]
    const value = text ?? placing.places[missing.indexOf(one)] ?? null
    return [`--${flag.name}`, value === null ? flag.value : quoted(value)]
  })
  const name = placing.operand === null ? [] : [placing.operand.word ?? operand?.value ?? '']
  const behind = [...options, ...passed.map(quoted)]
  return [
    `npm run ${command}`,
    ...name.map(quoted),
    ...(behind.length === 0 ? [] : ['--', ...behind]),
  ].join(' ')
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:=@%+,~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
