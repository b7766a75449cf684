import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { proveRouters } from '#orchestrator/proof/prove.ts'
import { everyPresetPlan } from '#test/orchestrator/proof/preset-rounds.ts'
import { testFabric } from './engines.ts'

// Each process has subnets of its own, so that two runs at once do not ask for one another's.
const octet = 100 + (process.pid % 100)

describe('the NAT proof over several engines', () => {
  it('measures every preset as the simulated network does, and as it is declared', async () => {
    const whole = everyPresetPlan(octet)
    // An overlay carries one outside address of a router: the others are refused.
    const routers = whole.routers.filter(({ wan }) => wan.furtherAddresses.length === 0)
    const left = new Set(
      whole.routers.filter((each) => !routers.includes(each)).map(({ lan }) => lan.network),
    )
    const networks = whole.networks.filter(({ name }) => !left.has(name))
    const plan = { ...whole, routers, networks, variants: [] }
    const measured = await Promise.all(
      [createSimFabric(), testFabric()].map(async (fabric) => {
        await using lab = await fabric.start(plan, { onEvent: () => {} })
        return await proveRouters(lab, plan)
      }),
    )
    assert.deepEqual(measured[1], measured[0])
    assert.equal(measured[0]?.length, 2 * plan.routers.length)
  })
})
