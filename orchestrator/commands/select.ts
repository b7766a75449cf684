import { whyUnfit } from '#orchestrator/scenario/fabric-fit.ts'
import { fabricFacts, type FabricName, rankedFabrics } from '#orchestrator/scenario/fabrics.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'
import { FabricError } from '../fabric/errors.ts'
import type { Availability, Fabric } from '../fabric/fabric.ts'
import type { FabricChoice } from './fabric-choice.ts'
import type { FabricLoader } from './loaders.ts'

export interface SelectedFabric {
  fabric: Fabric
  /** Which fabric, and why this one. */
  detail: string
  /** The engine's version; null where there is none. */
  engine: string | null
  /** The fabric that needs least of those that `auto` would have taken instead; null where there is none, or the user chose. */
  next: FabricName | null
}

interface SelectOptions {
  signal: AbortSignal
  load: FabricLoader
}

/**
 * The fabric that was asked for, or for `auto` the first by rank that is there and can run the scenario.
 *
 * @param scenario - null where any fabric will do; of a fabric that was asked for, whether it fits has been looked at
 * @throws FabricError where the fabric is not there, or none that is there can run the scenario
 */
export async function selectFabric(
  choice: FabricChoice,
  scenario: Scenario | null,
  options: SelectOptions,
): Promise<SelectedFabric> {
  if (choice === 'auto') return firstThatCan(scenario, options)
  const { fabric, availability } = await tried(choice, options)
  const { available, detail, engine } = availability
  if (available) {
    return { fabric, detail: fabricFacts(choice).needs === null ? '' : detail, engine, next: null }
  }
  const other = rankedFabrics().find((name) => name !== choice && fabricFacts(name).needs === null)
  const hint = other === undefined ? '' : `\n--fabric ${other} runs without an engine.`
  throw new FabricError(`${detail}${hint}`)
}

async function firstThatCan(
  scenario: Scenario | null,
  options: SelectOptions,
): Promise<SelectedFabric> {
  const passed: string[] = []
  const candidates = rankedFabrics()
  for (const [index, name] of candidates.entries()) {
    const unfit = scenario === null ? null : whyUnfit(scenario, name)
    if (unfit !== null) {
      passed.push(unfit)
      continue
    }
    const { needs } = fabricFacts(name)
    const { fabric, availability } = await tried(name, options)
    const { available, detail, engine } = availability
    if (!available) {
      passed.push(needs === null ? detail : `${needs.missing}: ${detail}`)
      continue
    }
    const why = passed.length > 0 ? passed.join('; ') : `${needs?.there ?? 'it is here'}: ${detail}`
    const next = candidates.slice(index + 1).findLast((other) => canRun(scenario, other)) ?? null
    return { fabric, detail: `${name}, because ${why}`, engine, next }
  }
  throw new FabricError(passed.join('\n'))
}

function canRun(scenario: Scenario | null, name: FabricName): boolean {
  return scenario === null || whyUnfit(scenario, name) === null
}

async function tried(
  name: FabricName,
  { signal, load }: SelectOptions,
): Promise<{ fabric: Fabric; availability: Availability }> {
  const fabric = await load(name)
  const availability = await fabric.probe({ signal })
  signal.throwIfAborted()
  return { fabric, availability }
}
