import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { createGround } from '#orchestrator/run/ground.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

function groundOf() {
  const [plan] = planScenario(
    scenarioOf(`name: t
title: t
sites: { net: { nat: public }, home: { nat: port-forward } }
nodes: { A: { site: net }, H: { site: home } }`),
    { seed: 1 },
  )
  const [variant] = plan?.variants ?? []
  assert.ok(plan && variant)
  let changes = 0
  return { plan, changes: () => changes, ground: createGround(plan, variant, () => (changes += 1)) }
}

describe('the ground of a variant', () => {
  it('has the NAT that steps gave its routers, and knows which were others', () => {
    const { ground, plan, changes } = groundOf()
    const router = ground.router('home-router')
    const { nat } = router
    assert.deepEqual(ground.changed(), [])
    ground.changeRouter({ ...router, nat: { ...nat, forwards: [] } })
    assert.deepEqual(ground.router('home-router').nat.forwards, [])
    assert.deepEqual(ground.plan.routers[0]?.nat.forwards, [])
    assert.equal(changes(), 1)
    assert.deepEqual(
      ground.changed().map((router) => router.nat),
      [nat],
    )
    assert.deepEqual(plan.routers[0]?.nat, nat)
    assert.throws(() => ground.changeRouter({ ...router, name: 'x-router' }), RangeError)
  })

  it('sees nodes under the address that their router has now', () => {
    const { ground, plan } = groundOf()
    const router = ground.router('home-router')
    ground.changeRouter({ ...router, wan: { ...router.wan, address: '11.0.0.250' } })
    assert.equal(ground.node('H').publicAddress, '11.0.0.250')
    assert.equal(ground.node('A').publicAddress, plan.variants[0]?.nodes[0]?.publicAddress)
  })

  it('has a node under another key each time, and knows its former ones', () => {
    const { ground } = groundOf()
    const ids = [ground.node('A').peerId]
    for (let time = 0; time < 2; time += 1) {
      ground.renewIdentity('A')
      const { peerId, env, identitySeed } = ground.node('A')
      assert.equal(env['IDENTITY_SEED'], identitySeed)
      ids.push(peerId)
    }
    assert.equal(new Set(ids).size, 3)
    assert.deepEqual(
      ids.map((id) => ground.nameOf(id)),
      ['A', 'A', 'A'],
    )
    assert.equal(ground.nameOf('stranger'), 'stranger')
    assert.equal(ground.variant.nodes[0]?.peerId, ids[2])
  })
})
