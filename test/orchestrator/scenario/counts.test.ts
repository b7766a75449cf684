import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { ScenarioError } from '#orchestrator/scenario/errors.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

const CROWD = `name: crowd
title: crowd
sites:
  net: { nat: public }
  homes: { nat: port-restricted, count: 2 }
nodes:
  seed: { site: net }
  n: { site: homes, count: 5, bootstrap: [seed, n-1] }
`

/** The faults of a text, as `line:column message`. */
function faultsOf(text: string): string[] {
  try {
    const { scenario } = readScenario(text, 'crowd.yaml')
    planScenario(scenario, { seed: 1 })
  } catch (error) {
    assert.ok(error instanceof ScenarioError, String(error))
    return error.faults.map(({ line, column, message }) => `${line}:${column} ${message}`)
  }
  return []
}

function withExpectation(expectation: string): string {
  return `${CROWD}steps:\n  - expect:\n      - ${expectation}\n`
}

/** Who looks at whom in a planned expectation, by its rows. */
function members(expectation: string): [string, string | undefined][][] {
  const [plan] = planScenario(scenarioOf(withExpectation(expectation)), { seed: 1 })
  const step = plan?.variants[0]?.steps[0]
  assert.ok(step?.word === 'expect')
  const rows = step.expectations[0]?.members?.rows ?? []
  return rows.map((row) => row.map((one) => [one.observer, one.target]))
}

function observersOf(group: string): string[] {
  const rows = members(`{ observer: { every: ${group} }, lists: seed }`)
  return rows.flatMap((row) => row.map(([observer]) => observer))
}

describe('a count', () => {
  it('writes out so many sites, and so many nodes that stand in them in turn', () => {
    const { sites, nodes } = scenarioOf(CROWD)
    assert.deepEqual(Object.keys(sites), ['net', 'homes-1', 'homes-2'])
    assert.deepEqual(
      Object.entries(nodes).map(([name, { site, bootstrap }]) => [name, site, bootstrap]),
      [
        ['seed', 'net', undefined],
        // Nobody joins through itself.
        ['n-1', 'homes-1', ['seed']],
        ['n-2', 'homes-2', ['seed', 'n-1']],
        ['n-3', 'homes-1', ['seed', 'n-1']],
        ['n-4', 'homes-2', ['seed', 'n-1']],
        ['n-5', 'homes-1', ['seed', 'n-1']],
      ],
    )
  })

  it('lets a variant change all copies, or one', () => {
    const scenario = scenarioOf(`${CROWD}variants:
  two:
    sites: { homes: { nat: full-cone } }
    nodes: { n: { env: { KAD_MODE: client } }, n-2: { env: { KAD_MODE: server } } }
`)
    const [plan] = planScenario(scenario, { seed: 1 })
    assert.deepEqual(
      plan?.routers.map(({ preset }) => preset),
      ['full-cone', 'full-cone'],
    )
    assert.deepEqual(
      plan?.variants[0]?.nodes.map(({ name, env }) => [name, env['KAD_MODE']]),
      [
        ['seed', undefined],
        ['n-1', 'client'],
        ['n-2', 'server'],
        ['n-3', 'client'],
        ['n-4', 'client'],
        ['n-5', 'client'],
      ],
    )
  })

  it("lets each copy of a router forward to the copy of a node behind it, and keeps a fault's place where there are two", () => {
    const forwarding = CROWD.replace(
      'nat: port-restricted',
      'nat: { preset: port-forward, forwards: [{ port: tcp/3000, to: n }] }',
    )
    const [plan] = planScenario(scenarioOf(forwarding.replace('count: 5', 'count: 2')), { seed: 1 })
    assert.deepEqual(
      plan?.routers.map(({ nat }) => nat.forwards.map(({ to }) => to)),
      plan?.variants[0]?.nodes.slice(1).map(({ address }) => [address]),
    )
    assert.throws(() => planScenario(scenarioOf(forwarding), { seed: 1 }), /saw n$/m)
  })

  const FAULTS: [what: string, from: string, to: string, expected: RegExp][] = [
    ['no copies', 'count: 2', 'count: 0', /^5:.*saw 0/],
    ['more than any machine runs', 'count: 5', 'count: 1001', /^8:.*at most 1000, saw 1001/],
    [
      'one address for all',
      'count: 5,',
      'count: 5, address: 10.1.0.10,',
      /^8:.*'address' can be that of one only/,
    ],
    [
      'one subnet for all',
      'count: 2',
      'count: 2, subnet: 10.1.0.0/24',
      /^5:.*'subnet' can be that of one only/,
    ],
    [
      'a name that a copy has',
      '  seed: { site: net }',
      '  n-3: { site: net }',
      /^7:3 .*saw 'n-3', which is that of a copy of n$/,
    ],
    [
      'one node and many sites',
      'count: 5, ',
      '',
      /^8:14 expected one site for n, saw 2 of the name homes: write homes-1, or give n a 'count'/,
    ],
    [
      'the name of the group of all',
      '  n: {',
      '  everybody: {',
      /^8:3 'everybody' is the group of all/,
    ],
  ]
  for (const [what, from, to, expected] of FAULTS) {
    it(`is refused with ${what}`, () => {
      assert.ok(CROWD.includes(from))
      const [first = ''] = faultsOf(CROWD.replace(from, to))
      assert.match(first, expected)
    })
  }

  it('says what is wrong with every copy once, where the file says it', () => {
    const faults = faultsOf(CROWD.replace('bootstrap: [seed, n-1]', 'bootstrap: [sed]'))
    assert.equal(faults.length, 1)
    assert.match(faults[0] ?? '', /^8:43 no node is called 'sed'/)
  })
})

describe('a group', () => {
  it('has the copies of a node, those in a site, those in its copies, or everybody', () => {
    assert.deepEqual(observersOf('n'), ['n-1', 'n-2', 'n-3', 'n-4', 'n-5'])
    assert.deepEqual(observersOf('homes'), ['n-1', 'n-2', 'n-3', 'n-4', 'n-5'])
    assert.deepEqual(observersOf('homes-2'), ['n-2', 'n-4'])
    assert.deepEqual(observersOf('everybody'), ['n-1', 'n-2', 'n-3', 'n-4', 'n-5'])
  })

  it('of each other leaves out everybody itself', () => {
    assert.deepEqual(members('{ observer: { every: homes-2 }, lists: { every: homes-2 } }'), [
      [['n-2', 'n-4']],
      [['n-4', 'n-2']],
    ])
  })

  const FAULTS: [what: string, expectation: string, expected: RegExp][] = [
    [
      'a group that is not there',
      '{ observer: { every: home }, lists: seed }',
      /^11:21 no group is called 'home'; there are net, homes-1, homes-2, homes, n, everybody; did you mean .*'homes'\?/,
    ],
    [
      'more than there are',
      '{ observer: { at-least: 6, of: n }, lists: seed }',
      /^11:.*expected at most 5, which is all that there are, saw 6/,
    ],
    [
      'two ways at once',
      '{ observer: { every: n, some: n }, lists: seed }',
      /^11:.*\{ every: homes \}/,
    ],
    [
      'a count of nothing',
      '{ observer: { at-least: 6 }, lists: seed }',
      /^11:.*\{ every: homes \}/,
    ],
    [
      'what each of it contradicts',
      '{ observer: { every: n }, lists: seed }\n      - { observer: n-2, not-lists: seed }',
      /^12:.*impossible in one step: n-2 does not list seed, and n-2 lists seed/,
    ],
    [
      'what a member cannot do',
      '{ observer: { every: n }, lists: seed }\n  - stop: n-2\n  - expect:\n      - { observer: { every: n }, lists: seed }',
      /^14:.*n-2 does not run/,
    ],
  ]
  for (const [what, expectation, expected] of FAULTS) {
    it(`is refused with ${what}`, () => {
      const faults = faultsOf(withExpectation(expectation))
      assert.equal(faults.length, 1, faults.join('\n'))
      assert.match(faults[0] ?? '', expected)
    })
  }

  it('is what a step is done to, one after the other', () => {
    const text = `${CROWD}steps: [{ kill: { every: homes-2 } }, { start: n-4 }, { put: k, value: v, node: { every: homes-2 } }]`
    assert.deepEqual(faultsOf(text), ['9:81 n-2 does not run at this step of variant default'])
    const [plan] = planScenario(scenarioOf(text.replace('n-4', '{ every: homes-2 }')), { seed: 1 })
    assert.deepEqual(
      plan?.variants[0]?.steps.map((step) => [step.word, 'node' in step && step.node]),
      ['kill', 'start', 'put'].flatMap((word) => [
        [word, 'n-2'],
        [word, 'n-4'],
      ]),
    )
    assert.match(
      faultsOf(text.replace('homes-2 }', 'homs }'))[0] ?? '',
      /no group is called 'homs'/,
    )
  })

  it('is not a node', () => {
    const faults = faultsOf(withExpectation('{ observer: n, lists: seed }'))
    assert.match(
      faults[0] ?? '',
      /no node is called 'n'; n is a group: \{ every: n \} is all of it/,
    )
  })

  it('may have some that do what others must not', () => {
    const text =
      '{ observer: { some: n }, lists: seed }\n      - { observer: n-2, not-lists: seed }'
    assert.deepEqual(faultsOf(withExpectation(text)), [])
  })
})
