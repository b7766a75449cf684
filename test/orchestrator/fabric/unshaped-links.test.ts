import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unshapedLinks } from '#orchestrator/fabric/unshaped-links.ts'
import { twoClouds } from '#test/docker/plans.ts'

describe('a link on Docker', () => {
  it('says nothing where it is asked for nothing', () => {
    assert.deepEqual(unshapedLinks(twoClouds(7), 'docker'), [])
  })

  it('says what it does not do', () => {
    const plan = twoClouds(7)
    const [internet] = plan.networks
    assert.ok(internet)
    internet.link = { latencyMs: 20, jitterMs: 0, rateBps: 1e6, loss: 0.25 }
    assert.deepEqual(unshapedLinks(plan, 'docker'), [
      'network internet: latency 20 ms, rate 1000000 bit/s, loss 25 % not applied on docker; --fabric sim does',
    ])
  })
})
