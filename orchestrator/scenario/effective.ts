import { overlaps, parseCidr } from '../net/addresses.ts'
import type { NatPresetName } from '../net/nat-presets.ts'
import { groupsOf, type PlacedStep, writtenOut } from './groups.ts'
import type { NodeSpec, Scenario, SiteSpec } from './schema.ts'

/** A scenario as one of its variants sees it. */
export interface EffectiveVariant {
  name: string
  title: string
  scenario: Scenario
  /** Each with its place among the steps of the file. */
  steps: readonly PlacedStep[]
  /** Where its steps stand in the file. */
  stepsPath: readonly (string | number)[]
}

/** Name of the only variant of a scenario that declares none. */
export const DEFAULT_VARIANT = 'default'

/** Every variant of a scenario, in the file's order, with its changes made. */
export function effectiveVariants(scenario: Scenario): EffectiveVariant[] {
  const variants = Object.entries(scenario.variants ?? { [DEFAULT_VARIANT]: {} })
  return variants.map(([name, variant]) => {
    const sites = merged<SiteSpec>(scenario.sites, variant.sites)
    const nodes = merged<NodeSpec>(scenario.nodes, variant.nodes)
    for (const [node, spec] of Object.entries(nodes)) {
      const env = { ...scenario.nodes[node]?.env, ...variant.nodes?.[node]?.env }
      nodes[node] = { ...spec, env }
    }
    const effective = { ...scenario, sites, nodes }
    return {
      name,
      title: variant.title ?? '',
      scenario: effective,
      steps: writtenOut(variant.steps ?? scenario.steps ?? [], groupsOf(effective)),
      stepsPath: variant.steps === undefined ? ['steps'] : ['variants', name, 'steps'],
    }
  })
}

/** Changes of things that the scenario does not have are left out: they are faults, reported elsewhere. */
function merged<T extends object>(
  base: Readonly<Record<string, T>>,
  changes: Readonly<Record<string, object>> | undefined,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(base).map(([name, spec]) => [name, { ...spec, ...changes?.[name] }]),
  )
}

/** The preset that a site's NAT starts from, whatever parts of it the scenario changes. */
export function presetOf(nat: SiteSpec['nat']): NatPresetName {
  return typeof nat === 'string' ? nat : nat.preset
}

/** Whether two sites of one variant ask for overlapping subnets, which not every fabric can have. */
export function sharesSubnets(scenario: Scenario): boolean {
  return effectiveVariants(scenario).some((variant) => {
    const wishes = Object.values(variant.scenario.sites).flatMap(({ subnet }) => {
      const cidr = subnet === undefined ? null : parseCidr(subnet)
      return cidr === null ? [] : [cidr]
    })
    return wishes.some((wish, at) => wishes.slice(at + 1).some((other) => overlaps(wish, other)))
  })
}
