import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import { planProof } from '#orchestrator/proof/proof-plan.ts'
import { firstHostOf, forwardsOf, presetPlan } from './preset-plan.ts'

describe('planProof', () => {
  it('needs no agent where there is no router', () => {
    assert.deepEqual(planProof(presetPlan({ open: { preset: 'public' } })), {
      places: [],
      probes: [],
    })
  })

  it('stands on both sides of each router of a carrier, with the gateways of those networks', () => {
    const { places, probes } = planProof(presetPlan({ mobile: { preset: 'cgnat' } }))
    assert.deepEqual(
      probes.map(({ router, inside, reflectors }) => [
        router.name,
        inside.network,
        ...reflectors.map((place) => place.network),
      ]),
      [
        ['mobile-router', 'mobile', 'mobile-carrier', 'mobile-carrier'],
        ['mobile-carrier-router', 'mobile-carrier', 'internet', 'internet'],
      ],
    )
    // The carrier's inside agent is one of the two that the home's router is seen by.
    assert.equal(places.length, 5)
    assert.deepEqual(
      new Set(places.map((place) => `${place.network} via ${place.gateway}`)),
      new Set(['mobile via 10.66.1.1', 'mobile-carrier via 100.66.1.1', 'internet via null']),
    )
  })

  it('shares the agents of the internet between sites', () => {
    const { places } = planProof(
      presetPlan({ a: { preset: 'full-cone' }, b: { preset: 'symmetric' } }),
    )
    assert.deepEqual(places.map((place) => place.network).toSorted(), [
      'a',
      'b',
      'internet',
      'internet',
    ])
  })

  it('takes no address that anybody has, and leaves the topmost free one to the engine', () => {
    const plan = presetPlan({ home: { preset: 'full-cone' } })
    const node = { address: '11.66.0.254', publicAddress: '11.66.0.252' } as NodePlan
    plan.variants[0]?.nodes.push(node)
    const { probes } = planProof(plan)
    assert.deepEqual(
      probes[0]?.reflectors.map((place) => place.address),
      ['11.66.0.251', '11.66.0.250'],
    )
  })

  it('stands at the translated or forwarded address where there is one', () => {
    const { probes } = planProof(
      presetPlan({
        cloud: { preset: 'one-to-one' },
        home: { preset: 'port-forward', forwards: forwardsOf(2) },
      }),
    )
    assert.deepEqual(
      probes.map((probe) => probe.inside.address),
      [firstHostOf(1), firstHostOf(2)],
    )
  })
})
