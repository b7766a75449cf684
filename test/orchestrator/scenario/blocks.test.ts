import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { stepText } from '#orchestrator/run/steps.ts'
import { fabricsFor, wordMisfit } from '#orchestrator/scenario/fabric-fit.ts'
import { faultsIn, scenarioOf } from '#test/support/scenario-text.ts'

const withSteps = (...steps: string[]): string => `name: blocks
title: blocks
sites: { net: { nat: public } }
nodes: { A: { site: net }, B: { site: net }, n: { site: net, count: 3 } }
steps:
${steps.map((step) => `  - ${step}\n`).join('')}`

function faultsOf(...steps: string[]): string[] {
  return faultsIn(withSteps(...steps)).map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  )
}

function planned(...steps: string[]): { text: string; blocks: string[] }[] {
  const [plan] = planScenario(scenarioOf(withSteps(...steps)), { seed: 1 })
  return (plan?.variants[0]?.steps ?? []).map((step) => ({
    text: stepText(step),
    blocks: 'blocks' in step ? step.blocks.map(({ from, to, by }) => `${from}>${to} ${by}`) : [],
  }))
}

describe('block', () => {
  it('is both ways, or one, by what is asked for', () => {
    assert.deepEqual(
      planned(
        '{ block: A, from: B }',
        '{ block: A, from: B, by: reset, one-way: true }',
        '{ block: A, from: B, port: tcp/3000 }',
      ),
      [
        { text: 'block A from B', blocks: ['A>B drop', 'B>A drop'] },
        { text: 'block what A sends to B, by reset', blocks: ['A>B reset'] },
        { text: 'block tcp/3000 A from B', blocks: ['A>B drop', 'B>A drop'] },
      ],
    )
  })

  it('may be of every node of two groups', () => {
    assert.deepEqual(
      planned('{ block: { every: n }, from: A }').map(({ text }) => text),
      ['block n-1 from A', 'block n-2 from A', 'block n-3 from A'],
    )
  })

  const FAULTS: [what: string, steps: string[], expected: RegExp][] = [
    ['itself', ['{ block: A, from: A }'], /^6:23 impossible: A is not on a way to itself/],
    ['a stranger', ['{ block: A, from: X }'], /^6:23 no node is called 'X'/],
    ['a way that there is not', ['{ block: A, from: B, by: magic }'], /^6:.*drop, reset or icmp/],
    ['what is not blocked', ['{ unblock: A, from: B }'], /^6:.*nothing is blocked between A and B/],
    [
      'what is unblocked already',
      ['{ block: A, from: B }', '{ unblock: B, from: A }', '{ unblock: A, from: B }'],
      /^8:.*nothing is blocked/,
    ],
    ['a heal of nothing', ['{ heal: all }'], /^6:.*nothing is blocked here/],
    ['a heal of something else', ['{ heal: A }'], /^6:.*all/],
    ['one part', ['{ partition: [[A, B]] }'], /^6:.*at least two parts/],
    ['a node in two parts', ['{ partition: [[A, B], [n-1, A]] }'], /^6:.*A is in two places/],
    ['a part of a stranger', ['{ partition: [[A], [X]] }'], /^6:.*no node is called 'X'/],
  ]
  for (const [what, steps, expected] of FAULTS) {
    it(`is refused with ${what}`, () => {
      const faults = faultsOf(...steps)
      assert.equal(faults.length, 1, faults.join('\n'))
      assert.match(faults[0] ?? '', expected)
    })
  }
})

describe('partition', () => {
  it('blocks each of one part from each of another, and leaves out who is in none', () => {
    const [step] = planned('{ partition: [[A, n-1], [n-2]] }')
    assert.deepEqual(step, {
      text: 'partition A, n-1 | n-2',
      blocks: ['A>n-2 drop', 'n-1>n-2 drop', 'n-2>A drop', 'n-2>n-1 drop'],
    })
  })

  it('takes groups, and ends by heal or pair by pair', () => {
    assert.deepEqual(faultsOf('{ partition: [[A], [{ every: n }]] }', '{ heal: all }'), [])
    assert.deepEqual(
      faultsOf('{ partition: [[A], [{ every: n }]] }', '{ unblock: { every: n }, from: A }'),
      [],
    )
  })

  it('is told at load where a fabric cannot', () => {
    const scenario = scenarioOf(withSteps('{ partition: [[A], [B]] }'))
    assert.deepEqual(fabricsFor(scenario).includes('sim'), true)
    assert.equal(wordMisfit(scenario, 'sim'), null)
    const fault = wordMisfit(scenario, 'swarm')
    assert.deepEqual(fault?.path, ['steps', 0, 'partition'])
    assert.match(
      fault.message,
      /^swarm cannot block .*as the step 'partition' says: this scenario needs --fabric sim or netns/,
    )
  })
})
