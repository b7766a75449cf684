import { effectiveVariants, sharesSubnets } from './effective.ts'
import { FABRIC_NAMES, fabricFacts, type FabricName } from './fabrics.ts'
import { PROGRAMS } from './programs.ts'
import type { Scenario } from './schema.ts'

/** Why a fabric cannot run the programs of a scenario, in one sentence; null where it can. */
export function programMisfit(scenario: Scenario, name: FabricName): string | null {
  const nodes = effectiveVariants(scenario).flatMap((variant) =>
    Object.entries(variant.scenario.nodes),
  )
  for (const [node, { program = 'kadlab' }] of nodes) {
    if (PROGRAMS[program].fabrics.includes(name)) continue
    return (
      `${name} runs kadlab's own nodes only, and node ${node} runs ${program}: ` +
      `this scenario needs --fabric ${PROGRAMS[program].fabrics.join(' or ')}`
    )
  }
  return null
}

/** Why a fabric cannot have the networks of a scenario, in one sentence; null where it can. */
export function networkMisfit(scenario: Scenario, name: FabricName): string | null {
  if (fabricFacts(name).sameSubnets || !sharesSubnets(scenario)) return null
  return `two sites have one subnet, which ${name} cannot have`
}

/** The fabrics that can run a scenario, whatever this machine has. */
export function fabricsFor(scenario: Scenario): FabricName[] {
  return FABRIC_NAMES.filter(
    (name) => programMisfit(scenario, name) === null && networkMisfit(scenario, name) === null,
  )
}
