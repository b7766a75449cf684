import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { stepText } from '#orchestrator/run/steps.ts'
import { ScenarioError } from '#orchestrator/scenario/errors.ts'
import { fabricsFor, wordMisfit } from '#orchestrator/scenario/fabric-fit.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

const withStep = (step: string): string => `name: shapes
title: shapes
sites: { net: { nat: public }, home: { nat: port-forward } }
nodes: { A: { site: net }, H: { site: home } }
steps:
  - ${step}
`

describe('shape', () => {
  it('takes what the link of a site takes, by name or in parts', () => {
    const texts = [
      '{ shape: home, to: satellite }',
      '{ shape: home, to: { latency: 1s, jitter: 20ms, rate: 512kbit, loss: 0.5% } }',
      '{ shape: home, to: {} }',
    ].map((step) => {
      const [plan] = planScenario(scenarioOf(withStep(step)), { seed: 1 })
      return (plan?.variants[0]?.steps ?? []).map(stepText)
    })
    assert.deepEqual(texts, [
      ['make the link of home satellite'],
      ['make the link of home latency 1000 ms, jitter 20 ms, rate 512 kbit/s, loss 0.5 %'],
      ['make the link of home a switch'],
    ])
  })

  const FAULTS: [what: string, step: string, expected: RegExp][] = [
    ['of a stranger', '{ shape: hom, to: dsl }', /^6:.*'hom'/],
    ['of a site without a network', '{ shape: net, to: dsl }', /^6:.*net/],
    ['of no kind that is known', '{ shape: home, to: pigeon }', /^6:.*pigeon/],
    ['on which nothing crosses', '{ shape: home, to: { loss: 100% } }', /^6:.*less than 100%/],
  ]
  for (const [what, step, expected] of FAULTS) {
    it(`is refused with a link ${what}`, () => {
      assert.throws(
        () => readScenario(withStep(step), 'shapes.yaml'),
        (error) => {
          assert.ok(error instanceof ScenarioError, String(error))
          const [{ line, message } = { line: 0, message: '' }] = error.faults
          assert.match(`${line}: ${message}`, expected)
          return true
        },
      )
    })
  }

  it('is for sim alone, and told at its place elsewhere', () => {
    const scenario = scenarioOf(withStep('{ shape: home, to: dsl }'))
    assert.deepEqual(fabricsFor(scenario), ['sim'])
    for (const fabric of ['netns', 'docker', 'swarm'] as const) {
      const fault = wordMisfit(scenario, fabric)
      assert.deepEqual(fault?.path, ['steps', 0, 'shape'])
      assert.match(fault.message, /cannot change the link of a site .*--fabric sim$/)
    }
  })
})
