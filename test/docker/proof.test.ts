import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { type NatProofError, proveRouters } from '#orchestrator/proof/prove.ts'
import { everyPresetPlan, roundPlan } from '#test/orchestrator/proof/preset-rounds.ts'

// Each process has subnets of its own, so that two runs at once do not ask for one another's.
const octet = 100 + (process.pid % 100)

describe('the NAT proof on containers', () => {
  it('measures every preset as the simulated network does, and as it is declared', async () => {
    const plan = everyPresetPlan(octet)
    const measured = await Promise.all(
      [createSimFabric(), createDockerFabric()].map(async (fabric) => {
        await using lab = await fabric.start(plan, { onEvent: () => {} })
        return await proveRouters(lab, plan)
      }),
    )
    assert.deepEqual(measured[1], measured[0])
    assert.equal(measured[0]?.length, 2 * plan.routers.length)
  })

  it('fails where each preset is declared and another is there', async () => {
    const declared = roundPlan(1, octet)
    await using lab = await createDockerFabric().start(roundPlan(0, octet), { onEvent: () => {} })
    await assert.rejects(proveRouters(lab, declared), (error: NatProofError) => {
      assert.equal(error.name, 'NatProofError')
      const passed = declared.routers.filter((router) =>
        error.proofs.every((proof) => proof.router !== router.name || proof.holds),
      )
      assert.deepEqual(passed, [])
      return true
    })
  })
})
