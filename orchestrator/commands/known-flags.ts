import { FABRIC_CHOICES } from './fabric-choice.ts'

/** One option of a command, as npm may have swallowed it. */
export interface KnownFlag {
  /** Without dashes. */
  name: string
  /** What values look like, for the right form; null where the option takes none. */
  value: string | null
  /** Whether a word can be its value. Default: any can. */
  takes?: (word: string) => boolean
  /** npm has an option of this name too, and gives it to every script: an empty one says nothing. */
  npmHasIt?: true
}

/** The one argument of a command that is no option. */
export interface KnownOperand {
  /** What it looks like, for the right form. */
  value: string
  /** Tells words that are one. What it needs to know is loaded only where it is asked. */
  recognizer: () => Promise<(word: string) => boolean>
}

/** What a command takes. */
export interface CommandForm {
  operand: KnownOperand | null
  flags: readonly KnownFlag[]
}

export const isWholeNumber = (word: string): boolean => /^\d+$/.test(word)
const isNumber = (word: string): boolean => /^\d+(\.\d+)?$/.test(word)
const isFabric = (word: string): boolean => (FABRIC_CHOICES as readonly string[]).includes(word)
const isLab = (word: string): boolean => /^[0-9a-f]{8}$/.test(word)
const isName = (word: string): boolean => /^[A-Za-z][A-Za-z0-9-]*$/.test(word)

/** Every command of the command line by its name. */
export const COMMAND_FORMS: Readonly<Record<string, CommandForm>> = {
  scenario: {
    operand: { value: 'SCENARIO', recognizer: scenarioRecognizer },
    flags: [
      { name: 'fabric', value: 'FABRIC', takes: isFabric },
      { name: 'variant', value: 'NAME', takes: isName },
      { name: 'seed', value: 'N', takes: isWholeNumber },
      { name: 'report', value: 'DIR' },
      { name: 'keep', value: null },
      { name: 'timeout', value: 'SECONDS', takes: isNumber },
      { name: 'real-time', value: null },
      { name: 'check-determinism', value: null },
      { name: 'json', value: null, npmHasIt: true },
    ],
  },
  proof: {
    operand: { value: 'PRESET', recognizer: presetRecognizer },
    flags: [{ name: 'fabric', value: 'FABRIC', takes: isFabric }],
  },
  clean: {
    operand: { value: 'LAB', recognizer: async () => isLab },
    flags: ['kept', 'images'].map((name) => ({ name, value: null })),
  },
}

async function scenarioRecognizer(): Promise<(word: string) => boolean> {
  const { scenarioNames } = await import('#orchestrator/catalogue/catalogue.ts')
  const names = await scenarioNames()
  return (word) => names.includes(word) || /\.ya?ml$/.test(word)
}

async function presetRecognizer(): Promise<(word: string) => boolean> {
  const { isNatPresetName } = await import('#orchestrator/net/nat-presets.ts')
  return isNatPresetName
}
