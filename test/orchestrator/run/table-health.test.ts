import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { createTables } from '#orchestrator/run/table-health.ts'
import { createTableSampler, type TableSample } from '#orchestrator/run/table-sampler.ts'
import { worldOf } from '#orchestrator/truth/dials.ts'
import { type IdealTables, idealTables } from '#orchestrator/truth/ideal-tables.ts'
import { percent, tableHealthText } from '#orchestrator/words/table-health.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

/** When it was told matters to nobody here. */
const STAMP = { seq: 1, ms: 0 }

const names = ['A', 'B', 'C']
const everybody: IdealTables = new Map(
  names.map((name) => [name, names.filter((other) => other !== name)]),
)

function tablesOf(
  ideal: IdealTables,
  ...listed: [observer: string, target: string][]
): ReturnType<typeof createTables> {
  const tables = createTables(ideal, (peerId) => peerId)
  for (const name of ideal.keys()) tables.begins(name)
  for (const [observer, peer] of listed) {
    tables.onEvent(observer, { event: 'listed', peer, addresses: [], ...STAMP })
  }
  return tables
}

describe('the health of routing tables', () => {
  it('is the share of the closest that are listed, and names who is missing', () => {
    const tables = tablesOf(everybody, ['A', 'B'], ['A', 'C'], ['B', 'A'])
    assert.deepEqual(tables.health(names, names), {
      recall: 0.5,
      dead: 0,
      contacts: 3,
      missing: [
        ['B', 'C'],
        ['C', 'A'],
        ['C', 'B'],
      ],
    })
  })

  it('counts contacts that do not run, and awaits nobody who does not', () => {
    const tables = tablesOf(everybody, ['A', 'B'], ['A', 'C'], ['B', 'A'])
    const { recall, dead, contacts } = tables.health(['A', 'B'], ['A', 'B'])
    assert.deepEqual([recall, dead, contacts], [1, 1 / 3, 3])
    tables.onEvent('A', { event: 'unlisted', peer: 'C', why: 'gone', ...STAMP })
    assert.equal(tables.health(['A', 'B'], ['A', 'B']).dead, 0)
  })

  it('begins anew with a node', () => {
    const tables = tablesOf(everybody, ['A', 'B'], ['A', 'C'])
    tables.begins('A')
    assert.equal(tables.health(names, ['A']).recall, 0)
  })

  it('is of the twenty closest alone', () => {
    const many = Array.from({ length: 30 }, (_, index) => `n-${index}`)
    const tables = tablesOf(
      new Map([['A', many]]),
      ...many.slice(0, 20).map((name): [string, string] => ['A', name]),
    )
    assert.equal(tables.health(['A', ...many], ['A']).recall, 1)
    tables.onEvent('A', { event: 'unlisted', peer: 'n-19', why: 'gone', ...STAMP })
    assert.equal(tables.health(['A', ...many], ['A']).recall, 0.95)
  })

  it('is whole where nobody can list anybody', () => {
    assert.equal(tablesOf(new Map([['A', []]])).health(['A'], ['A']).recall, 1)
  })

  it('is never rounded to what it is not', () => {
    assert.equal(percent(0.9999), '99.9%')
    assert.equal(percent(0.0001), '0.1%')
    assert.equal(tableHealthText({ recall: 1, dead: 0 }), 'recall 100%, dead 0%')
  })
})

describe('ideal tables', () => {
  it('have servers of the same protocol with an address that is kept, the closest first', () => {
    const [plan] = planScenario(
      scenarioOf(`
name: ideal
title: ideal
sites: { net: { nat: public }, home: { nat: port-restricted } }
nodes:
  A: { site: net, env: { PUBLIC_IP: '{public}' } }
  B: { site: net, env: { PUBLIC_IP: '{public}' } }
  C: { site: net, env: { PUBLIC_IP: '{public}', KAD_MODE: client } }
  H: { site: home }
`),
      { seed: 1 },
    )
    const variant = plan?.variants[0]
    assert.ok(plan && variant)
    const ideal = idealTables(worldOf(plan, variant))
    assert.deepEqual(ideal.get('A'), ['B'])
    assert.deepEqual(ideal.get('H')?.toSorted(), ['A', 'B'])
    assert.deepEqual(ideal.get('C')?.toSorted(), ['A', 'B'])
  })
})

describe('samples of routing tables', () => {
  it('are told at once, then at most once a second, and only where they changed', async () => {
    const clock = new ManualClock()
    const told: TableSample[] = []
    let recall = 0.1
    const sampler = createTableSampler({
      crew: { tableHealth: () => ({ recall, dead: 0, contacts: 1, missing: [] }) },
      clock,
      emit: (sample) => told.push(sample),
    })
    sampler.changed()
    recall = 0.2
    sampler.changed()
    assert.deepEqual(
      told.map((sample) => sample.recall),
      [0.1],
    )
    await clock.advance(1000)
    sampler.changed()
    sampler.now()
    assert.deepEqual(
      told.map((sample) => sample.recall),
      [0.1, 0.2],
    )
  })
})
