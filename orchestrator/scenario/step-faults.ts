import { NAT_PRESETS } from '#orchestrator/net/nat-presets.ts'
import { checkGroups } from '../words/check-groups.ts'
import type { Fault } from '../words/fault.ts'
import { stepWordOf } from '../words/steps/steps.ts'
import { type EffectiveVariant, presetOf } from './effective.ts'
import { createScene } from './scene.ts'

/** Goes through a variant's steps as a run would: which nodes run at each, and whether what is awaited can come true. */
export function stepFaults(variant: EffectiveVariant): Fault[] {
  const faults: Fault[] = []
  const routed = Object.entries(variant.scenario.sites)
    .filter(([, { nat }]) => NAT_PRESETS[presetOf(nat)].routers.length > 0)
    .map(([site]) => site)
  const scene = createScene(variant, routed, (fault) => faults.push(fault))
  for (const { step, index } of variant.steps) {
    const place = scene.at(index)
    if (checkGroups(step, place)) stepWordOf(step).check(step, place)
  }
  return faults
}
