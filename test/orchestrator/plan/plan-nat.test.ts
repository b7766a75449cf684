import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { trueCells } from '#orchestrator/truth/expected-cell.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

describe('the NAT of a planned site', () => {
  it('cannot forward one port to two nodes unasked', () => {
    const scenario = scenarioOf(`
name: t
title: t
sites: { home: { nat: port-forward } }
nodes: { A: { site: home }, B: { site: home } }`)
    assert.throws(
      () => planScenario(scenario, { seed: 1 }),
      /sites\.home\.nat: A and B both listen on port 3000.*list 'forwards'/,
    )
  })

  it("leads a port that a carrier forwards to the home's router, and on to the node", () => {
    const scenario = scenarioOf(`
name: t
title: t
sites:
  net: { nat: public }
  home: { nat: { preset: cgnat, forwards: [{ port: tcp/3000, to: N }], carrier: { forwards: [{ port: tcp/3000, to: N }] } } }
nodes: { Boot: { site: net }, N: { site: home, bootstrap: [Boot], env: { PUBLIC_IP: '{public}' } } }`)
    const [plan] = planScenario(scenario, { seed: 1 })
    const variant = plan?.variants[0]
    assert.ok(plan && variant)
    const [inner, carrier] = plan.routers
    assert.equal(carrier?.nat.forwards[0]?.to, inner?.wan.address)
    assert.deepEqual(
      trueCells(plan, variant).map(({ cause }) => cause),
      [null, null],
    )
  })
})
