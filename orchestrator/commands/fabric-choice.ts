import { Option } from 'commander'
import {
  FABRIC_NAMES,
  fabricFacts,
  type FabricName,
  rankedFabrics,
} from '#orchestrator/scenario/fabrics.ts'

/** A fabric by its name, or the first that can. */
export type FabricChoice = FabricName | 'auto'
export const FABRIC_CHOICES: readonly FabricChoice[] = ['auto', ...FABRIC_NAMES]

/** `--fabric`, for every command that needs one. */
export function fabricOption(): Option {
  const order = rankedFabrics().map((name) => {
    const { needs } = fabricFacts(name)
    return needs === null ? name : `${name} where ${needs.there}`
  })
  return new Option('--fabric <fabric>', `auto: ${order.join(', else ')}`)
    .choices(FABRIC_CHOICES)
    .default('auto')
}

/** `--engines`, for every command that takes a fabric of several engines. */
export function enginesOption(): Option {
  return new Option(
    '--engines <file>',
    'the engines of --fabric swarm: an address or Docker context a line, a manager first',
  )
}
