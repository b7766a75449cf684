import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { capacityOf, partOf, placeParts } from '#orchestrator/fabric/swarm/placement.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { scenarioSchema } from '#orchestrator/scenario/schema.ts'

function planOf(sites: Record<string, string>, nodes: Record<string, string>): Plan {
  const scenario = scenarioSchema.parse({
    name: 'spread',
    title: 'Sites over engines',
    sites: Object.fromEntries(Object.entries(sites).map(([name, nat]) => [name, { nat }])),
    nodes: Object.fromEntries(Object.entries(nodes).map(([name, site]) => [name, { site }])),
  })
  const [plan] = planScenario(scenario, { seed: 1, taken: [] })
  assert.ok(plan)
  return plan
}

describe('the parts of a plan over engines', () => {
  const plan = planOf(
    { out: 'public', far: 'cgnat', near: 'port-restricted' },
    { p: 'out', q: 'out', f: 'far', g: 'far', n: 'near' },
  )
  const placement = placeParts(plan, [1, 1, 1])

  it('keeps a site with every router between it and the internet', () => {
    const far = plan.routers.filter(({ site }) => site === 'far')
    assert.equal(far.length, 2)
    const parts = far.map(({ lan }) =>
      partOf({ network: lan.network, address: lan.ownAddress }, plan),
    )
    assert.equal(new Set(parts).size, 1)
    const nodes = plan.variants[0]?.nodes.filter(({ name }) => ['f', 'g'].includes(name)) ?? []
    for (const node of nodes) assert.equal(partOf(node, plan), parts[0])
  })

  it('takes each public node for itself', () => {
    const nodes = plan.variants[0]?.nodes.filter(({ name }) => ['p', 'q'].includes(name)) ?? []
    assert.equal(new Set(nodes.map((node) => partOf(node, plan))).size, 2)
  })

  it('uses every engine, and is the same each time', () => {
    assert.deepEqual(new Set(placement.values()), new Set([0, 1, 2]))
    assert.deepEqual(placeParts(plan, [1, 1, 1]), placement)
  })

  it('gives most to the engine that can carry most', () => {
    const sites = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`s${index}`, 'symmetric']),
    )
    const nodes = Object.fromEntries(Object.keys(sites).map((site) => [`n-${site}`, site]))
    const counts = [0, 0]
    for (const engine of placeParts(planOf(sites, nodes), [1, 3]).values()) {
      counts[engine] = (counts[engine] ?? 0) + 1
    }
    assert.deepEqual(counts, [3, 9])
  })

  it('takes an engine for what the scarcer of its processors and its memory carries', () => {
    const gibibyte = 2 ** 30
    assert.equal(capacityOf({ processors: 4, memory: 16 * gibibyte }), 4)
    assert.equal(capacityOf({ processors: 4, memory: gibibyte / 2 }), 0.5)
    assert.equal(capacityOf({ processors: 4, memory: 0 }), 4)
  })
})
