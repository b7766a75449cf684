import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startsAfter } from '#orchestrator/plan/start-order.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

function order(nodes: Record<string, string>): Record<string, string[]> {
  const lines = Object.entries(nodes).map(([name, rest]) => `  ${name}: { site: a${rest} }`)
  const scenario = scenarioOf(`
name: order
title: order
sites: { a: { nat: public } }
nodes:
${lines.join('\n')}
`)
  return Object.fromEntries(Object.keys(nodes).map((name) => [name, startsAfter(scenario, name)]))
}

describe('the order in which nodes start', () => {
  it('is that of their bootstrap', () => {
    const nodes = { A: '', B: ', bootstrap: [A]', C: ', bootstrap: [B, A]' }
    assert.deepEqual(order(nodes), { A: [], B: ['A'], C: ['B', 'A'] })
  })

  it('waits for no node that a step starts, and not where the scenario says so', () => {
    const late = { A: ', autostart: false', B: ', bootstrap: [A]' }
    assert.deepEqual(order(late), { A: [], B: [] })
    const anyhow = { A: '', B: ', bootstrap: [A], start: anyhow' }
    assert.deepEqual(order(anyhow), { A: [], B: [] })
  })

  it('has no ring: nodes that join through each other do not wait for each other', () => {
    const ring = {
      A: ', bootstrap: [C]',
      B: ', bootstrap: [A]',
      C: ', bootstrap: [B]',
      D: ', bootstrap: [A, B]',
    }
    assert.deepEqual(order(ring), { A: [], B: [], C: [], D: ['A', 'B'] })
  })
})
