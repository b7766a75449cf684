import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { trueCells } from '#orchestrator/truth/expected-cell.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

/** `B at A`: the cause that must be named, `dialable` where there is none. */
function causesOf(text: string): Record<string, string> {
  const scenario = scenarioOf(`name: t\ntitle: t\n${text}`)
  const [plan] = planScenario(scenario, { seed: 1, sameSubnets: true })
  const variant = plan?.variants[0]
  assert.ok(plan && variant)
  return Object.fromEntries(
    trueCells(plan, variant).map(({ observer, target, rung, cause }) => {
      assert.equal(cause === null, rung === 'dialable')
      return [`${target} at ${observer}`, cause ?? 'dialable']
    }),
  )
}

const CLOUDS = `
sites:
  a: { nat: one-to-one, subnet: 10.1.0.0/24, public: 11.0.0.11 }
  b: { nat: one-to-one, subnet: 10.2.0.0/24, public: 11.0.0.12 }
`

/** A and B in two clouds, B announcing what it is given. */
function announcing(announce: string): string {
  return `nodes: { A: { site: a, env: { PUBLIC_IP: '{public}' } }, B: { site: b, bootstrap: [A], env: { ANNOUNCE: ${announce} } } }`
}

/** Two nodes behind one router, with their ports forwarded. */
function home(hairpin: boolean): string {
  return `
sites:
  net: { nat: public }
  home: { nat: { preset: port-forward, hairpin: ${hairpin} }, public: 11.0.0.40 }
nodes:
  O: { site: net }
  A: { site: home, bootstrap: [O], env: { PUBLIC_IP: '{public}' } }
  B: { site: home, bootstrap: [O], env: { PUBLIC_IP: '{public}', LISTEN_PORT: 4000 } }`
}

/** Two clouds, B joining through what it is given. */
function joining(bootstrap: string): string {
  return `${CLOUDS}nodes: { A: { site: a, env: { PUBLIC_IP: '{public}' } }, B: { site: b, env: { BOOTSTRAP: '${bootstrap}' } } }`
}

describe('what must be so of each pair', () => {
  it('is the main job: B announces a private address, and A does not list it', () => {
    const bug = `${CLOUDS}nodes: { A: { site: a, env: { PUBLIC_IP: '{public}' } }, B: { site: b, bootstrap: [A] } }`
    assert.deepEqual(causesOf(bug), {
      'B at A': 'ONLY_PRIVATE_ADDRESSES',
      'A at B': 'dialable',
    })
    const fixed = bug.replace('bootstrap: [A]', "bootstrap: [A], env: { PUBLIC_IP: '{public}' }")
    assert.deepEqual(causesOf(fixed), { 'B at A': 'dialable', 'A at B': 'dialable' })
  })

  it('names a closed port, and a port that nobody listens on', () => {
    const closed = CLOUDS.replace('public: 11.0.0.12', 'public: 11.0.0.12').replace(
      'b: { nat: one-to-one',
      'b: { nat: { preset: one-to-one, allow: [] }',
    )
    assert.equal(
      causesOf(closed + announcing('/ip4/11.0.0.12/tcp/3000'))['B at A'],
      'ADDRESS_TIMED_OUT',
    )
    assert.equal(
      causesOf(CLOUDS + announcing('/ip4/11.0.0.12/tcp/50000'))['B at A'],
      'ADDRESS_WRONG_PORT',
    )
  })

  it('names a router that does not hairpin to those whom it would lead in', () => {
    assert.equal(causesOf(home(false))['B at A'], 'NO_HAIRPIN')
    assert.equal(causesOf(home(true))['B at A'], 'dialable')
  })

  it('files a dial without a peer id under the node that stands there', () => {
    const stranger = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'
    assert.equal(causesOf(joining('/ip4/{A.public}/tcp/3001'))['A at B'], 'DIAL_TIMED_OUT')
    assert.equal(causesOf(joining('/ip4/{A.address}/tcp/3000'))['A at B'], 'DIAL_NO_ROUTE')
    assert.equal(
      causesOf(joining(`/ip4/{A.public}/tcp/3000/p2p/${stranger}`))['A at B'],
      'WRONG_PEER_ID',
    )
  })

  it('says of two clients that nobody names them to each other, and of the lonely that they joined nobody', () => {
    const causes = causesOf(`
sites: { net: { nat: public }, home: { nat: symmetric } }
nodes:
  S: { site: net }
  A: { site: net, bootstrap: [S], env: { KAD_MODE: client } }
  B: { site: home, bootstrap: [S], env: { KAD_MODE: client } }
  C: { site: net }`)
    assert.equal(causes['B at A'], 'NOT_TOLD')
    assert.equal(causes['A at S'], 'CLIENT_MODE')
    assert.equal(causes['A at C'], 'NOT_JOINED')
    assert.equal(causes['C at A'], 'NOT_TOLD')
    assert.equal(causes['S at B'], 'dialable')
  })

  it('knows that who is told to join through twins joins through one of them, whichever', () => {
    const twin = `IDENTITY_SEED: '${'7'.repeat(64)}'`
    const scenario = scenarioOf(`
name: t
title: t
sites: { net: { nat: public } }
nodes:
  A: { site: net, env: { ${twin} } }
  B: { site: net, env: { ${twin} } }
  C: { site: net, bootstrap: [A, B] }`)
    const [plan] = planScenario(scenario, { seed: 1 })
    const variant = plan?.variants[0]
    assert.ok(plan && variant)
    const cells = trueCells(plan, variant).filter(({ target }) => target === 'C')
    const both = [
      { rung: 'dialable', cause: null },
      { rung: 'unknown', cause: 'NOT_JOINED' },
    ]
    assert.deepEqual(
      cells.map(({ rung, cause, orElse }) => [{ rung, cause }, orElse]),
      [both, both.toReversed()],
    )
  })

  it('knows twins, and those that cannot start', () => {
    const twin = `IDENTITY_SEED: '${'7'.repeat(64)}'`
    const causes = causesOf(`
sites: { net: { nat: public } }
nodes:
  S: { site: net }
  A: { site: net, bootstrap: [S], env: { ${twin} } }
  B: { site: net, bootstrap: [S], env: { ${twin} } }
  C: { site: net, bootstrap: [S], env: { LISTEN: /ip4/11.0.0.99/tcp/3000 } }`)
    assert.equal(causes['A at S'], 'SAME_IDENTITY')
    assert.equal(causes['B at A'], 'SAME_IDENTITY')
    assert.equal(causes['C at S'], 'CANNOT_START')
    assert.equal(causes['S at C'], undefined)
  })

  it('is either of two things where only one of two nodes with one identity knows a third', () => {
    const twins = `
sites: { net: { nat: public } }
nodes:
  A: { site: net, bootstrap: [First, Last], env: { KAD_MODE: client } }
  First: { site: net, env: { PUBLIC_IP: '{public}', IDENTITY_SEED: '${'7'.repeat(64)}' } }
  Last: { site: net, bootstrap: [C], env: { PUBLIC_IP: '{public}', IDENTITY_SEED: '${'7'.repeat(64)}' } }
  C: { site: net, env: { PUBLIC_IP: '{public}' } }`
    const [plan] = planScenario(scenarioOf(`name: t\ntitle: t\n${twins}`), {
      seed: 1,
      sameSubnets: true,
    })
    const variant = plan?.variants[0]
    assert.ok(plan && variant)
    const cell = trueCells(plan, variant).find(
      ({ observer, target }) => observer === 'A' && target === 'C',
    )
    assert.equal(cell?.cause, 'NOT_TOLD')
    assert.deepEqual(cell.orElse, { rung: 'dialable', cause: null })
  })
})
