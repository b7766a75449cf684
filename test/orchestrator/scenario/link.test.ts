import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { stepText } from '#orchestrator/run/steps.ts'
import { faultsIn, scenarioOf } from '#test/support/scenario-text.ts'

const withSteps = (...steps: string[]): string => `name: link
title: link
sites: { net: { nat: public }, home: { nat: port-restricted } }
nodes: { A: { site: net }, H1: { site: home }, H2: { site: home } }
steps:
${steps.map((step) => `  - ${step}\n`).join('')}`

function faultsOf(...steps: string[]): string[] {
  return faultsIn(withSteps(...steps)).map(({ line, message }) => `${line} ${message}`)
}

describe('link', () => {
  it('is of a node, or of all nodes of a site', () => {
    const [plan] = planScenario(
      scenarioOf(
        withSteps('{ link: off, of: home }', '{ link: off, of: A }', '{ link: on, of: home }'),
      ),
      { seed: 1 },
    )
    const steps = plan?.variants[0]?.steps ?? []
    assert.deepEqual(
      steps.map((step) => [stepText(step), 'inside' in step ? step.inside : null]),
      [
        ['pull the cable of home', ['H1', 'H2']],
        ['pull the cable of A', ['A']],
        ['plug in the cable of home', ['H1', 'H2']],
      ],
    )
  })

  for (const [what, steps, expected] of [
    ['of nobody', ['{ link: off, of: X }'], /^6 no node and no site is called 'X'/],
    ['half', ['{ link: half, of: A }'], /^6 .*off or on/],
    ['off twice', ['{ link: off, of: A }', '{ link: off, of: A }'], /^7 .*is off already/],
    ['on that was never off', ['{ link: on, of: home }'], /^6 .*is not off here/],
  ] as const) {
    it(`is not ${what}`, () => {
      const faults = faultsOf(...steps)
      assert.equal(faults.length, 1, faults.join('\n'))
      assert.match(faults[0] ?? '', expected)
    })
  }
})
