import { CONFIG_VARIABLES } from '#node/config/config.ts'
import { didYouMean } from '../words/nearest.ts'
import { FABRIC_NAMES, fabricFacts, type FabricName } from './fabrics.ts'

/** What is known of a program that a node may run. */
export interface Program {
  /** One sentence, for docs. */
  doc: string
  /** Fabrics that can run it. */
  fabrics: readonly FabricName[]
  /** Variables that it reads. */
  variables: readonly string[]
  /** What they are where nobody says so, if that is otherwise than with kadlab's node. */
  defaults?: Readonly<Record<string, string>>
  /** Whether kadlab's own program runs it: in the process of the sim, of the image, under its own API. */
  isOurs: boolean
}

/** Where a foreign peer can be had, as an image or built by its toolchain. */
const WITH_FOREIGN = FABRIC_NAMES.filter((name) => fabricFacts(name).foreignPrograms)

/** What every foreign peer reads, in the words of kadlab's nodes. */
const SHARED = [
  'LISTEN_PORT',
  'LISTEN',
  'PUBLIC_IP',
  'APPEND_ANNOUNCE',
  'BOOTSTRAP',
  'KAD_MODE',
  'KAD_PROTOCOL',
  'IDENTITY_SEED',
]

/** What a lab sets by itself, since it speaks to its nodes by it. */
const SET_BY_LABS = ['STDIO_API', 'API_LISTEN', 'API_TOKEN', 'API_PUBLISHED_AT', 'METRICS_LISTEN']

/** Programs by the name that a scenario's node gives. */
export const PROGRAMS: Readonly<Record<ProgramName, Program>> = {
  kadlab: {
    doc: 'The node of this repository (js-libp2p).',
    fabrics: FABRIC_NAMES,
    variables: CONFIG_VARIABLES.map(({ name }) => name),
    isOurs: true,
  },
  'stock-js': {
    doc: 'js-libp2p and its kad-dht as they come: nothing patched, every setting at its default.',
    fabrics: FABRIC_NAMES,
    variables: [...SHARED, 'ADDRESS_SCOPE'],
    defaults: { KAD_MODE: 'auto' },
    isOurs: true,
  },
  'rust-kv': {
    doc: "rust-libp2p's distributed key-value example, with a line protocol.",
    fabrics: WITH_FOREIGN,
    variables: [
      ...SHARED,
      'IDENTIFY',
      'PING',
      'TRUST_OBSERVED',
      'ADD_DIALLED',
      'RAW_PROVIDER_KEYS',
    ],
    isOurs: false,
  },
  'go-kv': {
    doc: 'The same with go-libp2p.',
    fabrics: WITH_FOREIGN,
    variables: [...SHARED, 'IP_DIVERSITY'],
    isOurs: false,
  },
}

export type ProgramName = 'kadlab' | 'stock-js' | 'rust-kv' | 'go-kv'

/** Whether kadlab's own program runs a node of that program. */
export function isOurs(program: string): boolean {
  return Object.hasOwn(PROGRAMS, program) && PROGRAMS[program as ProgramName].isOurs
}

/** Arguments with which kadlab's own program runs a node of one of its programs. */
export function commandOf(program: string): string[] {
  return program === 'kadlab' ? [] : [program]
}

/** Variables that a scenario cannot set of a program, each with what to say about it. */
export function unknownVariables(
  program: ProgramName,
  names: readonly string[],
): { variable: string; message: string }[] {
  const known = PROGRAMS[program].variables
  return names.flatMap((variable) => {
    if (SET_BY_LABS.includes(variable)) {
      const message = `expected no ${variable}, which the lab sets to speak to its nodes, saw one`
      return [{ variable, message }]
    }
    if (known.includes(variable)) return []
    const message = `${program} reads no variable ${variable}${didYouMean(variable, known)}`
    return [{ variable, message }]
  })
}
