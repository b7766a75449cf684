import { checkGroups } from '../words/check-groups.ts'
import type { Fault } from '../words/fault.ts'
import { stepWordOf } from '../words/steps/steps.ts'
import type { EffectiveVariant } from './effective.ts'
import { routedSitesOf } from './routed-sites.ts'
import { createScene } from './scene.ts'

/** Goes through a variant's steps as a run would: which nodes run at each, and whether what is awaited can come true. */
export function stepFaults(variant: EffectiveVariant): Fault[] {
  const faults: Fault[] = []
  const sites = routedSitesOf(variant.scenario)
  const scene = createScene(variant, sites, (fault) => faults.push(fault))
  for (const { step, index } of variant.steps) {
    const place = scene.at(index)
    if (checkGroups(step, place)) stepWordOf(step).check(step, place)
  }
  return faults
}
