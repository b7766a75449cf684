import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { NAT_PRESETS, type NatPresetName } from '#orchestrator/net/nat-presets.ts'
import { type NatSpec } from '#orchestrator/net/nat-spec.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'
import { proveRouters } from '#orchestrator/proof/prove.ts'
import { forwardsOf, presetPlan } from '#test/orchestrator/proof/preset-plan.ts'

const presets = (Object.keys(NAT_PRESETS) as NatPresetName[]).filter((name) => name !== 'public')

function specOf(preset: NatPresetName, siteNumber: number): NatSpec {
  return preset === 'port-forward' ? { preset, forwards: forwardsOf(siteNumber) } : { preset }
}

/** Proves `declared` on a lab of `loaded`. */
async function prove(declared: Plan, loaded: Plan): Promise<NatProof[]> {
  await using lab = await createSimFabric().start(loaded, { onEvent: () => undefined })
  return await proveRouters(lab, declared)
}

describe('NAT proof on the sim', () => {
  it('measures each preset as what its configuration says, for TCP and UDP', async () => {
    const specs = presets.map((preset, index) => [preset, specOf(preset, index + 1)] as const)
    const plan = presetPlan(Object.fromEntries(specs))
    const proofs = await prove(plan, plan)
    assert.equal(proofs.length, 2 * plan.routers.length)
    assert.ok(proofs.every((proof) => proof.holds))
  })

  it('fails where one preset is declared and another is loaded', async () => {
    const single = presets.filter((preset) => NAT_PRESETS[preset].routers.length === 1)
    const pairs = single.flatMap((declared) =>
      single.filter((loaded) => loaded !== declared).map((loaded) => ({ declared, loaded })),
    )
    await Promise.all(
      pairs.map(({ declared, loaded }) =>
        assert.rejects(
          prove(presetPlan({ site: specOf(declared, 1) }), presetPlan({ site: specOf(loaded, 1) })),
          { name: 'NatProofError' },
          `${loaded} passed for ${declared}`,
        ),
      ),
    )
  })

  it("tells a carrier's router that gives ports like a home's", async () => {
    const declared = presetPlan({ site: { preset: 'cgnat' } })
    const loaded = presetPlan({ site: { preset: 'cgnat', carrier: { ports: 'preserve' } } })
    await assert.rejects(prove(declared, loaded), /site-carrier-router.*port/i)
  })

  it('waits longer for silence where answers take longer than the plan says', async () => {
    const declared = presetPlan({ site: specOf('one-to-one', 1) })
    const loaded = presetPlan({ site: specOf('port-forward', 1) })
    const slow = { latencyMs: 100, jitterMs: 0, rateBps: null, loss: 0 }
    const networks = loaded.networks.map((network) => ({ ...network, link: slow }))
    await assert.rejects(prove(declared, { ...loaded, networks }), /hairpin/)
  })
})
