import type { Command, Option } from 'commander'
import { UsageError } from './errors.ts'
import { type Place, placeWords } from './place-words.ts'

/** npm has options of these names too, and gives them to every script: an empty one says nothing. */
const OWN_TO_NPM: ReadonlySet<string> = new Set(['json'])

/** Tells words that are surely a command's argument, by its name. What that takes is loaded where it is asked only. */
const RECOGNIZERS: Readonly<Record<string, () => Promise<(word: string) => boolean>>> = {
  scenario: async () => {
    const { scenarioNames } = await import('#orchestrator/catalogue/catalogue.ts')
    const names = await scenarioNames()
    return (word) => names.includes(word) || /\.ya?ml$/.test(word)
  },
  lab: () => Promise.resolve((word) => /^[0-9a-f]{8}$/.test(word)),
  preset: async () => (await import('#orchestrator/net/nat-presets.ts')).isNatPresetName,
}

/** One appearance of an option that npm took. */
interface Swallowed {
  option: Option
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
  commands: readonly Command[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const [name = '', ...given] = words
  const command = commands.find((command) => command.name() === name)
  // Only npm's own run of this very script: an outer `npm test --json` is not meant for us.
  if (command === undefined || env['npm_lifecycle_event'] !== name) return
  const swallowed = command.options.flatMap((option) => swallowedOption(option, env))
  if (swallowed.length === 0) return
  const names = swallowed.map(({ option, negated }) => `--${negated ? 'no-' : ''}${option.name()}`)
  const off = swallowed.filter(({ negated }) => negated).map(({ option }) => option.long)
  const without = off.length === 0 ? '' : ` What ${off.join(', ')} does is off without it.`
  throw new UsageError(
    `npm took ${[...new Set(names)].join(', ')} for its own and passed nothing on: options come after a --.` +
      `${without} Nothing was started; type\n  ${await rightForm(command, given, swallowed)}`,
  )
}

/** npm leaves `--flag=value` as the value, `--flag value` as 'true', `--no-flag` empty, and joins several by empty lines. */
function swallowedOption(
  option: Option,
  env: Readonly<Record<string, string | undefined>>,
): Swallowed[] {
  const all = env[`npm_config_${option.name().replaceAll('-', '_')}`]
  if (all === undefined || (all === '' && OWN_TO_NPM.has(option.name()))) return []
  return all.split('\n\n').map((text) => ({
    option,
    text: text === '' || text === 'true' ? null : text,
    negated: option.isBoolean() && (text === '' || text === 'false'),
  }))
}

async function rightForm(
  command: Command,
  given: readonly string[],
  swallowed: readonly Swallowed[],
): Promise<string> {
  // npm lets no option through before its --, so what begins with one came after it.
  const firstOption = given.findIndex((word) => word.startsWith('-'))
  const words = firstOption === -1 ? given : given.slice(0, firstOption)
  const passed = firstOption === -1 ? [] : given.slice(firstOption).filter((word) => word !== '--')

  const meant = swallowed.filter(({ negated }) => !negated)
  const missing = meant.filter(({ option, text }) => !option.isBoolean() && text === null)
  const [argument] = command.registeredArguments
  const recognizer = RECOGNIZERS[argument?.name() ?? '']
  const recognizes = recognizer === undefined ? null : await recognizer()
  const placing = placeWords(words, missing.map(placeOf), recognizes)
  const options = meant.flatMap((one) => {
    const { option, text } = one
    const flag = `--${option.name()}`
    if (option.isBoolean()) return [flag]
    const value = text ?? placing.places[missing.indexOf(one)] ?? null
    return [flag, value === null ? placeholder(option) : quoted(value)]
  })
  const { operand } = placing
  const operands = operand === null ? [] : [operand.word ?? argument?.name().toUpperCase() ?? '']
  const behind = [...options, ...passed.map(quoted)]
  return [
    `npm run ${command.name()}`,
    ...operands.map(quoted),
    ...(behind.length === 0 ? [] : ['--', ...behind]),
  ].join(' ')
}

/** A place for an option's value: words that the option itself takes. */
function placeOf({ option }: Swallowed): Place {
  return {
    key: option.name(),
    takes(word) {
      if (option.argChoices !== undefined) return option.argChoices.includes(word)
      try {
        option.parseArg?.(word, undefined)
        return true
      } catch {
        return false
      }
    },
  }
}

/** `--report <dir>`: DIR. */
function placeholder({ flags }: Option): string {
  return /<(.+)>/.exec(flags)?.[1]?.toUpperCase() ?? 'VALUE'
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:=@%+,~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
