import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planLoaded } from '#orchestrator/plan/plan-loaded.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { stepText } from '#orchestrator/run/steps.ts'
import { ScenarioError } from '#orchestrator/scenario/errors.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import { faultsIn, scenarioOf } from '#test/support/scenario-text.ts'

const withSteps = (...steps: string[]): string => `name: ports
title: ports
sites: { net: { nat: public }, cloud: { nat: one-to-one }, home: { nat: port-restricted, subnet: 10.9.0.0/24 }, open: { nat: port-forward } }
nodes: { A: { site: net }, V: { site: cloud }, H: { site: home, address: 10.9.0.10 }, F: { site: open } }
steps:
${steps.map((step) => `  - ${step}\n`).join('')}`

function faultsOf(...steps: string[]): string[] {
  return faultsIn(withSteps(...steps)).map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  )
}

/** The same with what planning finds. */
function plannedFaults(...steps: string[]): string[] {
  const found = faultsOf(...steps)
  if (found.length > 0) return found
  try {
    planLoaded(readScenario(withSteps(...steps), 'x.yaml'), { seed: 1 })
  } catch (error) {
    assert.ok(error instanceof ScenarioError, String(error))
    return error.faults.map(({ line, column, message }) => `${line}:${column} ${message}`)
  }
  return []
}

describe('close-port and open-port', () => {
  it('say what they do at which router', () => {
    const text = withSteps(
      '{ close-port: tcp/3000, of: cloud }',
      '{ open-port: tcp/3000, of: cloud }',
      '{ open-port: tcp/4001, of: home, to: H, toPort: 3000 }',
    )
    const [plan] = planScenario(scenarioOf(text), { seed: 1 })
    assert.deepEqual(plan?.variants[0]?.steps.map(stepText), [
      'close tcp/3000 at cloud-router',
      'allow tcp/3000 at cloud-router',
      'forward tcp/4001 at home-router to 10.9.0.10:3000',
    ])
  })

  it('may close what a port-forward forwards of itself', () => {
    assert.deepEqual(faultsOf('{ close-port: tcp/3000, of: open }'), [])
  })

  const FAULTS: [what: string, steps: string[], expected: RegExp][] = [
    [
      'a site without a router',
      ['{ close-port: tcp/3000, of: net }'],
      /^6:.*no site with a router/,
    ],
    ['what is not open', ['{ close-port: tcp/4001, of: cloud }'], /^6:.*open: tcp\/3000$/],
    [
      'what is closed already',
      ['{ close-port: tcp/3000, of: cloud }', '{ close-port: tcp/3000, of: cloud }'],
      /^7:.*open: none$/,
    ],
    ['what is open already', ['{ open-port: tcp/3000, of: cloud }'], /^6:.*open at cloud already/],
    ['a forward to nobody', ['{ open-port: tcp/3000, of: home }'], /^6:.*to: one of H/],
    ['a forward to a stranger', ['{ open-port: tcp/3000, of: home, to: V }'], /^6:.*saw V$/],
    [
      'a node at a security group',
      ['{ open-port: tcp/4001, of: cloud, to: V }'],
      /^6:.*opens a port for all its nodes/,
    ],
    ['no port', ['{ open-port: 3000, of: home, to: H }'], /^6:.*tcp\/3000/],
  ]
  for (const [what, steps, expected] of FAULTS) {
    it(`does not take ${what}`, () => {
      const faults = faultsOf(...steps)
      assert.equal(faults.length, 1, faults.join('\n'))
      assert.match(faults[0] ?? '', expected)
    })
  }
})

describe('readdress', () => {
  it('takes addresses that nobody has, another each time', () => {
    const [plan] = planScenario(
      scenarioOf(withSteps('{ readdress: home }', '{ readdress: cloud }', '{ readdress: home }')),
      { seed: 1 },
    )
    assert.deepEqual(plan?.variants[0]?.steps.map(stepText), [
      'give home-router the address 11.0.0.254',
      'give cloud-router the address 11.0.0.253',
      'give home-router the address 11.0.0.252',
    ])
  })

  it('takes an address of choice, and one that another had', () => {
    const steps = [
      '{ readdress: home, to: 11.0.0.77 }',
      '{ readdress: cloud, to: 11.0.0.254 }',
      '{ readdress: cloud }',
      '{ readdress: home, to: 11.0.0.254 }',
      '{ readdress: cloud, to: 11.0.0.77 }',
    ]
    const [plan] = planScenario(scenarioOf(withSteps(...steps)), { seed: 1 })
    assert.deepEqual(plan?.variants[0]?.steps.map(stepText), [
      'give home-router the address 11.0.0.77',
      'give cloud-router the address 11.0.0.254',
      'give cloud-router the address 11.0.0.253',
      'give home-router the address 11.0.0.254',
      'give cloud-router the address 11.0.0.77',
    ])
    const moved = planScenario(scenarioOf(withSteps(...steps)), { seed: 1, taken: ['11.0.0.0/24'] })
    assert.match(stepText(moved[0]?.variants[0]?.steps[0] ?? { word: 'heal' }), /11\.\d+\.\d+\.77$/)
    assert.doesNotMatch(
      stepText(moved[0]?.variants[0]?.steps[0] ?? { word: 'heal' }),
      / 11\.0\.0\./,
    )
  })

  it('refuses an address at its line that somebody has by then, and one of elsewhere', () => {
    for (const [steps, expected] of [
      [
        ['{ readdress: home, to: 11.0.0.77 }', '{ readdress: cloud, to: 11.0.0.77 }'],
        /^7:.*free.*home-router/,
      ],
      [['{ readdress: home, to: 9.9.9.9 }'], /^6:.*an address of the internet/],
      [['{ readdress: home, to: 11.0.0.0 }'], /^6:.*the network's own/],
      [['{ readdress: home, to: here }'], /^6:.*an IPv4 address/],
    ] as const) {
      assert.match(plannedFaults(...steps).join(), expected)
    }
  })

  it('is of a site behind a router, and of one address', () => {
    assert.match(faultsOf('{ readdress: net }').join(), /^6:.*no site with a router/)
    const two = withSteps('{ readdress: cloud }').replace(
      'nodes: {',
      'nodes: { W: { site: cloud },',
    )
    assert.throws(() => readScenario(two, 'x.yaml'), /each of the 2 nodes of cloud/)
  })
})

describe('change-nat', () => {
  it('takes a preset of one router, at a site that has one', () => {
    const [plan] = planScenario(scenarioOf(withSteps('{ change-nat: home, to: symmetric }')), {
      seed: 1,
    })
    assert.deepEqual(plan?.variants[0]?.steps.map(stepText), ['make home-router symmetric'])
    assert.match(
      faultsOf('{ change-nat: net, to: symmetric }').join(),
      /^6:.*no site with a router/,
    )
    assert.match(faultsOf('{ change-nat: cloud, to: symmetric }').join(), /^6:.*of their own/)
    assert.match(faultsOf('{ change-nat: home, to: cgnat }').join(), /^6:.*port-restricted/)
  })

  it('leaves nothing open but where ports are forwarded', () => {
    const closed = ['{ change-nat: open, to: symmetric }', '{ close-port: tcp/3000, of: open }']
    assert.match(faultsOf(...closed).join(), /^7:.*open: none/)
    assert.deepEqual(faultsOf('{ change-nat: open, to: port-forward }', closed[1] ?? ''), [])
  })
})
