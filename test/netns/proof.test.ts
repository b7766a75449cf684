import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createNetnsFabric } from '#orchestrator/fabric/netns/netns-fabric.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { proveRouters } from '#orchestrator/proof/prove.ts'
import { everyPresetPlan, roundPlan } from '#test/orchestrator/proof/preset-rounds.ts'

/** Labs in namespaces have subnets of their own, whatever the machine has. */
const OCTET = 66

describe('the NAT proof in namespaces', () => {
  it('measures every preset as the simulated network does, and as it is declared', async () => {
    const plan = everyPresetPlan(OCTET)
    const measured = await Promise.all(
      [createSimFabric(), createNetnsFabric()].map(async (fabric) => {
        await using lab = await fabric.start(plan, { onEvent: () => {} })
        return await proveRouters(lab, plan)
      }),
    )
    assert.deepEqual(measured[1], measured[0])
    assert.equal(measured[0]?.length, 2 * plan.routers.length)
  })

  it('fails where each preset is declared and another is there', async () => {
    const declared = roundPlan(1, OCTET)
    await using lab = await createNetnsFabric().start(roundPlan(0, OCTET), { onEvent: () => {} })
    await assert.rejects(proveRouters(lab, declared), { name: 'NatProofError' })
  })
})
