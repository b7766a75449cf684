import { effectiveVariants, sharesSubnets } from '#orchestrator/scenario/effective.ts'
import { PROGRAMS } from '#orchestrator/scenario/programs.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'
import { FabricError } from '../fabric/errors.ts'
import type { Fabric } from '../fabric/fabric.ts'

export type FabricName = 'sim' | 'docker'
export const FABRIC_CHOICES = ['auto', 'sim', 'docker'] as const
export type FabricChoice = (typeof FABRIC_CHOICES)[number]

/** What a fabric can have. */
export const CAPABILITIES: Readonly<Record<FabricName, { sameSubnets: boolean }>> = {
  sim: { sameSubnets: true },
  docker: { sameSubnets: false },
}

/** Makes a fabric; each is loaded only where it is used (dockerode and libp2p are large). */
export type FabricLoader = (name: FabricName) => Promise<Fabric>

export interface SelectedFabric {
  fabric: Fabric
  /** Which fabric, and why this one. */
  detail: string
  /** The engine's version; null where there is none. */
  engine: string | null
  /** True where the user left the choice. */
  automatic: boolean
}

export const loadFabric: FabricLoader = async (name) => {
  if (name === 'sim') {
    const { createSimFabric } = await import('../fabric/sim/sim-fabric.ts')
    return createSimFabric()
  }
  const { createDockerFabric } = await import('../fabric/docker/docker-fabric.ts')
  return createDockerFabric()
}

/**
 * The fabric that was asked for, or for `auto`: docker where an engine answers and the scenario can run there, else sim.
 *
 * @param scenario - null where any fabric will do
 * @throws FabricError where the fabric is not there, or cannot run the scenario's programs
 */
export async function selectFabric(
  choice: FabricChoice,
  scenario: Scenario | null,
  { signal, load }: { signal: AbortSignal; load: FabricLoader },
): Promise<SelectedFabric> {
  const foreign = scenario === null ? [] : foreignPrograms(scenario)
  if (choice === 'sim') {
    refuseForeign(foreign)
    return { fabric: await load('sim'), detail: '', engine: null, automatic: false }
  }
  if (choice === 'auto' && scenario !== null && foreign.length === 0 && sharesSubnets(scenario)) {
    const detail = 'sim: two sites have one subnet, which a Docker engine cannot have'
    return { fabric: await load('sim'), detail, engine: null, automatic: true }
  }
  const docker = await load('docker')
  const { available, detail, engine } = await docker.probe({ signal })
  signal.throwIfAborted()
  if (available) {
    const why = choice === 'auto' ? `docker, because an engine answers: ${detail}` : detail
    return { fabric: docker, detail: why, engine, automatic: choice === 'auto' }
  }
  if (choice === 'docker') {
    throw new FabricError(`${detail}\n--fabric sim runs without an engine.`)
  }
  if (foreign.length > 0) throw new FabricError(`${detail}\n${foreignText(foreign)}`)
  return {
    fabric: await load('sim'),
    detail: `sim, because no Docker engine answers: ${detail}`,
    engine: null,
    automatic: true,
  }
}

interface ForeignNode {
  node: string
  program: string
}

function foreignPrograms(scenario: Scenario): ForeignNode[] {
  const nodes = effectiveVariants(scenario).flatMap((variant) =>
    Object.entries(variant.scenario.nodes),
  )
  return nodes
    .map(([node, { program = 'kadlab' }]) => ({ node, program }))
    .filter(({ program }) => !PROGRAMS[program].fabrics.includes('sim'))
}

function refuseForeign(foreign: readonly ForeignNode[]): void {
  if (foreign.length > 0) throw new FabricError(foreignText(foreign))
}

function foreignText(foreign: readonly ForeignNode[]): string {
  const [first] = foreign
  return (
    `The simulated network runs kadlab's own nodes only, and node ${first?.node} runs ${first?.program}: ` +
    'this scenario needs --fabric docker.'
  )
}
