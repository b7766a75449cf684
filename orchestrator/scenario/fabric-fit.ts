import type { Fault } from '../words/fault.ts'
import type { FabricSkill } from '../words/step.ts'
import { stepWordOf } from '../words/steps/steps.ts'
import { effectiveVariants, sharesSubnets } from './effective.ts'
import { FABRIC_NAMES, FABRIC_SKILLS, fabricFacts, type FabricName } from './fabrics.ts'
import { PROGRAMS } from './programs.ts'
import type { Scenario } from './schema.ts'

/** The first node of a scenario whose program a fabric cannot run; null where it can run all. */
export function programMisfit(scenario: Scenario, name: FabricName): Fault | null {
  for (const variant of effectiveVariants(scenario)) {
    for (const [node, { program = 'kadlab' }] of Object.entries(variant.scenario.nodes)) {
      if (PROGRAMS[program].fabrics.includes(name)) continue
      const message =
        `${name} runs kadlab's own programs only, and node ${node} runs ${program}: ` +
        `this scenario needs --fabric ${PROGRAMS[program].fabrics.join(' or ')}`
      const isOfVariant = scenario.variants?.[variant.name]?.nodes?.[node]?.program !== undefined
      const within = isOfVariant ? ['variants', variant.name] : []
      return { path: [...within, 'nodes', node, 'program'], message }
    }
  }
  return null
}

/** Why a fabric cannot have the networks of a scenario, in one sentence; null where it can. */
export function networkMisfit(scenario: Scenario, name: FabricName): string | null {
  if (fabricFacts(name).sameSubnets || !sharesSubnets(scenario)) return null
  return `two sites have one subnet, which ${name} cannot have`
}

/** The first word of a scenario, a step or a node's, that a fabric cannot do; null where it can do all. */
export function wordMisfit(scenario: Scenario, name: FabricName): Fault | null {
  const facts = fabricFacts(name)
  for (const { name: variant, scenario: effective, steps, stepsPath } of effectiveVariants(
    scenario,
  )) {
    for (const [node, { clock }] of Object.entries(effective.nodes)) {
      if (clock === undefined || facts.setsClocks) continue
      const own = scenario.variants?.[variant]?.nodes?.[node]?.clock
      const above = own === undefined ? [] : ['variants', variant]
      const message = cannot(name, 'setsClocks', `${node}'s clock`)
      return { path: [...above, 'nodes', node, 'clock'], message }
    }
    for (const { step, index } of steps) {
      const { word, needs } = stepWordOf(step)
      if (needs === null || facts[needs]) continue
      const message = cannot(name, needs, `the step '${word}'`)
      return { path: [...stepsPath, index, word], message }
    }
  }
  return null
}

function cannot(name: FabricName, skill: FabricSkill, what: string): string {
  const others = FABRIC_NAMES.filter((other) => fabricFacts(other)[skill]).join(' or ')
  return `${name} cannot ${FABRIC_SKILLS[skill]}, as ${what} says: this scenario needs --fabric ${others}`
}

/** What of a scenario a fabric cannot run, whatever its networks: a program or a step; null where it can run all. */
export function misfit(scenario: Scenario, name: FabricName): Fault | null {
  return programMisfit(scenario, name) ?? wordMisfit(scenario, name)
}

/** Why a fabric cannot run a scenario, in one sentence; null where it can. */
export function whyUnfit(scenario: Scenario, name: FabricName): string | null {
  return misfit(scenario, name)?.message ?? networkMisfit(scenario, name)
}

/** The fabrics that can run a scenario, whatever this machine has. */
export function fabricsFor(scenario: Scenario): FabricName[] {
  return FABRIC_NAMES.filter((name) => whyUnfit(scenario, name) === null)
}
