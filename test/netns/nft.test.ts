import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { proveRouters } from '#orchestrator/proof/prove.ts'
import { NAT_PRESETS, type NatPresetName } from '#orchestrator/topology/nat-presets.ts'
import type { NatSpec } from '#orchestrator/topology/nat-presets.ts'
import { forwardsOf, presetPlan } from '#test/orchestrator/proof/preset-plan.ts'
import { NetnsLab } from './netns-lab.ts'

const presets = (Object.keys(NAT_PRESETS) as NatPresetName[]).filter((name) => name !== 'public')
const specs: Record<string, NatSpec> = Object.fromEntries(
  presets.map((preset, index) => [
    preset,
    preset === 'port-forward' ? { preset, forwards: forwardsOf(index + 1) } : { preset },
  ]),
)

describe('nft rulesets in the kernel', () => {
  const plan = presetPlan(specs)
  let lab: NetnsLab
  before(async () => {
    lab = await NetnsLab.start(plan)
  })
  after(async () => {
    await lab[Symbol.asyncDispose]()
  })

  it('measures as each preset says, for TCP and UDP', async () => {
    const proofs = await proveRouters(lab, plan)
    assert.deepEqual(
      proofs.map((proof) => `${proof.router} ${proof.protocol}`),
      plan.routers.flatMap((router) => [`${router.name} tcp`, `${router.name} udp`]),
    )
  })
})
