import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scenarioOf } from '#test/support/scenario-text.ts'
import { crowdScenario, growthOf, idleScenario } from '../../../scripts/bench/sim-scale.ts'

function costs(power: number): { nodes: number; cpuMs: number }[] {
  return [50, 100, 1000].map((nodes) => ({ nodes, cpuMs: 3 * nodes ** power }))
}

describe('crowds of the bench', () => {
  it('are scenarios of so many nodes, on the internet or behind so many routers', () => {
    assert.equal(Object.keys(scenarioOf(crowdScenario(50, 0)).nodes).length, 50)
    const behind = scenarioOf(crowdScenario(100, 20))
    assert.equal(Object.keys(behind.nodes).length, 100)
    assert.equal(Object.keys(behind.sites).length, 21)
    assert.equal(scenarioOf(idleScenario('10m', 6)).steps?.length, 1 + 2 * 6)
  })

  it('grow by the power that a line through the logarithms has', () => {
    assert.ok(Math.abs(growthOf(costs(1)) - 1) < 1e-9)
    assert.ok(Math.abs(growthOf(costs(2)) - 2) < 1e-9)
  })
})
