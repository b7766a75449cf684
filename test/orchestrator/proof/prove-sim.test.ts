import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'
import { proveRouters } from '#orchestrator/proof/prove.ts'
import { firstHostOf, presetPlan } from './preset-plan.ts'
import { GRIDS, gridPlan, overridesPlan, roundPlan } from './preset-rounds.ts'

const rule = (port: number) => ({ protocol: 'tcp' as const, port })
const forwardTo = (to: string) => ({ ...rule(9010), to, toPort: 9010 })

describe('the NAT proof on the simulated network', () => {
  it('measures overridden presets as the overrides say', async () => {
    const plan = overridesPlan()
    await using lab = await createSimFabric().start(plan, { onEvent: () => {} })
    const proofs = await proveRouters(lab, plan)
    assert.equal(proofs.length, 2 * plan.routers.length)
  })

  for (const [ports, hairpin] of GRIDS) {
    it(`measures every mapping with every filtering, ports ${ports}, hairpinning ${hairpin}`, async () => {
      const plan = gridPlan(ports, hairpin)
      await using lab = await createSimFabric().start(plan, { onEvent: () => {} })
      const proofs = await proveRouters(lab, plan)
      assert.equal(proofs.length, 18)
    })
  }

  it('measures what a preset does where rules speak of the ports that it would use', async () => {
    const forward = { ...rule(20_013), to: firstHostOf(2), toPort: 20_012 }
    const plan = presetPlan({
      cloud: { preset: 'one-to-one', allow: [20_001, 20_011, 20_015].map(rule) },
      home: { preset: 'port-forward', forwards: [forward] },
    })
    await using lab = await createSimFabric().start(plan, { onEvent: () => {} })
    const proofs = await proveRouters(lab, plan)
    assert.deepEqual(new Set(proofs.map(({ holds }) => holds)), new Set([true]))
  })

  it('awaits nothing at a port that a carrier forwards to a home which leads it no further', async () => {
    const carrier = { forwards: [forwardTo('100.66.1.20')] }
    const plan = presetPlan({ home: { preset: 'cgnat', carrier } })
    assert.equal(plan.routers[0]?.wan.address, '100.66.1.20')
    await using lab = await createSimFabric().start(plan, { onEvent: () => {} })
    const proofs = await proveRouters(lab, plan)
    assert.deepEqual(new Set(proofs.map(({ holds }) => holds)), new Set([true]))
  })

  it('knocks at no port before all routers of a chain have a listener behind them', async () => {
    const carrier = { forwards: [forwardTo('100.66.1.20')] }
    const plan = presetPlan({
      home: { preset: 'cgnat', forwards: [forwardTo(firstHostOf(1))], carrier },
    })
    assert.equal(plan.routers[0]?.wan.address, '100.66.1.20')
    await using lab = await createSimFabric().start(plan, { onEvent: () => {} })
    let late: Promise<unknown> | null = null
    const proofs = await proveRouters(
      {
        async startAgent(place, options) {
          const agent = await lab.startAgent(place, options)
          if (!place.name.includes('inside')) return agent
          const open: typeof agent.open = async (request, how) => {
            // The inside agent of the home alone is slow.
            await (late ??= delay(1000))
            return agent.open(request, how)
          }
          return { ...agent, open, [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose]() }
        },
      },
      plan,
    )
    assert.notEqual(late, null)
    assert.equal(proofs.length, 4)
  })

  it("tells of each proof in the plan's order, also of those that fail", async () => {
    const declared = roundPlan(1)
    await using lab = await createSimFabric().start(roundPlan(0), { onEvent: () => {} })
    const told: NatProof[] = []
    await assert.rejects(
      proveRouters(lab, declared, { presenceMs: 400, onProof: (proof) => told.push(proof) }),
      {
        name: 'NatProofError',
        proofs: told,
        message: /s1-router \(port-forward\), tcp: hairpinning/,
      },
    )
    assert.deepEqual(
      told.map((proof) => `${proof.router} ${proof.protocol}`),
      declared.routers.flatMap((router) => [`${router.name} tcp`, `${router.name} udp`]),
    )
  })

  it('ends at once, and leaves no agent behind, when it is given up', async () => {
    const plan = roundPlan(0)
    await using lab = await createSimFabric().start(plan, { onEvent: () => {} })
    const controller = new AbortController()
    const reason = new Error('given up')
    const proving = proveRouters(lab, plan, { signal: controller.signal })
    controller.abort(reason)
    await assert.rejects(proving, reason)
    await proveRouters(lab, plan)
  })
})
