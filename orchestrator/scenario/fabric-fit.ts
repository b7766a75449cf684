import type { Fault } from '../words/fault.ts'
import { stepWordOf } from '../words/steps/steps.ts'
import { effectiveVariants, sharesSubnets } from './effective.ts'
import { FABRIC_NAMES, FABRIC_SKILLS, fabricFacts, type FabricName } from './fabrics.ts'
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
      `${name} runs kadlab's own programs only, and node ${node} runs ${program}: ` +
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

/** The first step of a scenario that a fabric cannot do; null where it can do all. */
export function stepMisfit(scenario: Scenario, name: FabricName): Fault | null {
  const facts = fabricFacts(name)
  for (const { steps, stepsPath } of effectiveVariants(scenario)) {
    for (const { step, index } of steps) {
      const { word, needs } = stepWordOf(step)
      if (needs === null || facts[needs]) continue
      const others = FABRIC_NAMES.filter((other) => fabricFacts(other)[needs]).join(' or ')
      const message = `${name} cannot ${FABRIC_SKILLS[needs]}, as the step '${word}' says: this scenario needs --fabric ${others}`
      return { path: [...stepsPath, index, word], message }
    }
  }
  return null
}

/** Why a fabric cannot run the programs or do the steps of a scenario, whatever its networks; null where it can. */
export function misfit(scenario: Scenario, name: FabricName): string | null {
  return programMisfit(scenario, name) ?? stepMisfit(scenario, name)?.message ?? null
}

/** The fabrics that can run a scenario, whatever this machine has. */
export function fabricsFor(scenario: Scenario): FabricName[] {
  return FABRIC_NAMES.filter(
    (name) => misfit(scenario, name) === null && networkMisfit(scenario, name) === null,
  )
}
