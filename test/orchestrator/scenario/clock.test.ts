import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { fabricsFor, wordMisfit } from '#orchestrator/scenario/fabric-fit.ts'
import { faultsIn, scenarioOf } from '#test/support/scenario-text.ts'

const text = (clock: string, variants = ''): string => `name: clocks
title: clocks
sites: { net: { nat: public } }
nodes: { A: { site: net, clock: ${clock} }, B: { site: net } }
${variants}`

describe('the clock of a node', () => {
  it('is ahead or behind by so much', () => {
    const errors = ['+1d', '-90s', '+1.5h'].map((clock) => {
      const [plan] = planScenario(scenarioOf(text(clock)), { seed: 1 })
      return plan?.variants[0]?.nodes.map(({ clockErrorMs }) => clockErrorMs)
    })
    assert.deepEqual(errors, [
      [86_400_000, undefined],
      [-90_000, undefined],
      [5_400_000, undefined],
    ])
  })

  for (const [clock, expected] of [
    ['1d', /ahead or behind/],
    ['+25d', /at most 24d/],
    ['tomorrow', /ahead or behind/],
    ['86400', /ahead or behind/],
  ] as const) {
    it(`is refused as ${clock}`, () => {
      const [fault] = faultsIn(text(clock))
      assert.deepEqual(fault?.path, ['nodes', 'A', 'clock'])
      assert.match(fault.message, expected)
    })
  }

  it('is for sim alone, and told at its place elsewhere', () => {
    const variants = 'variants: { one: {}, two: { nodes: { B: { clock: -1d } } } }'
    for (const [scenario, path] of [
      [scenarioOf(text('+1d')), ['nodes', 'A', 'clock']],
      [
        scenarioOf(text('~', variants).replace(', clock: ~', '')),
        ['variants', 'two', 'nodes', 'B', 'clock'],
      ],
    ] as const) {
      assert.deepEqual(fabricsFor(scenario), ['sim'])
      for (const fabric of ['netns', 'docker', 'swarm'] as const) {
        const fault = wordMisfit(scenario, fabric)
        assert.deepEqual(fault?.path, path)
        assert.match(fault.message, /cannot set the clock of one node, .*--fabric sim$/)
      }
    }
  })
})
