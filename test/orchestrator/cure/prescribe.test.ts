import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { patientOf } from '#orchestrator/cure/apply.ts'
import { prescribe } from '#orchestrator/cure/prescribe.ts'
import { actionsText, actionText } from '#orchestrator/cure/remedy-text.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { trueCells } from '#orchestrator/truth/expected-cell.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

/** What the remedy of one pair asks for, each in a few words; the reason where nothing cures it. */
function remedy(text: string, target: string, observer: string): string[] {
  const scenario = scenarioOf(`name: t\ntitle: t\n${text}`)
  const [plan] = planScenario(scenario, { seed: 1, sameSubnets: true })
  const variant = plan?.variants[0]
  assert.ok(plan && variant)
  const red = trueCells(plan, variant).filter(({ cause }) => cause !== null)
  const found = prescribe(patientOf(plan, variant), red).find(
    (each) => each.observer === observer && each.target === target,
  )
  assert.ok(found, `${target} at ${observer} is not red`)
  return found.none === null ? found.actions.map(actionText) : [found.none]
}

function home(nat: string, env: string): string {
  return `
sites: { net: { nat: public }, home: { nat: ${nat}, public: 11.0.0.40 } }
nodes:
  Boot: { site: net }
  N: { site: home, bootstrap: [Boot], env: { ${env} } }`
}

/** Two nodes behind one router, both announcing its public address. */
function two(nat: string): string {
  return `
sites: { net: { nat: public }, home: { nat: ${nat} } }
nodes:
  Boot: { site: net }
  A: { site: home, bootstrap: [Boot], env: { PUBLIC_IP: '{public}' } }
  B: { site: home, bootstrap: [Boot], env: { PUBLIC_IP: '{public}', LISTEN_PORT: 4002 } }`
}

/** What makes room at an observer of this program whose group of addresses is full. */
function cures(program: string): string[] {
  const text = `name: t\ntitle: t\nsites: { net: { nat: public } }
nodes: { A: { site: net, program: ${program} }, B: { site: net, bootstrap: [A] } }`
  const [plan] = planScenario(scenarioOf(text), { seed: 1 })
  const variant = plan?.variants[0]
  assert.ok(plan && variant)
  const red = { observer: 'A', target: 'B', cause: 'IP_GROUP_FULL' } as const
  return prescribe(patientOf(plan, variant), [red]).map(
    ({ actions, none }) => none ?? actions.map(actionText).join(),
  )
}

describe('what cures a pair', () => {
  it('is more room for one network at a kadlab node, and nothing at a peer that has no setting for it', () => {
    assert.deepEqual(cures('kadlab'), ['MAX_LISTED_PER_NETWORK=4 on A'])
    assert.deepEqual(cures('go-kv'), [
      'no setting makes A list more of one network: B needs an address in another',
    ])
  })

  it('is the public address where the port is forwarded as it is', () => {
    assert.deepEqual(remedy(home('port-forward', ''), 'N', 'Boot'), ['PUBLIC_IP=11.0.0.40 on N'])
  })

  it('is the outside port where another one is forwarded', () => {
    const nat = '{ preset: port-forward, forwards: [{ port: tcp/32685, to: N, toPort: 30333 }] }'
    const announce = ['ANNOUNCE=/ip4/11.0.0.40/tcp/32685 on N']
    const env = "LISTEN_PORT: 30333, PUBLIC_IP: '{public}'"
    assert.deepEqual(remedy(home(nat, env), 'N', 'Boot'), announce)
    assert.deepEqual(remedy(home(nat, 'LISTEN_PORT: 30333'), 'N', 'Boot'), announce)
  })

  it('is a way in before an address, where nobody is let in', () => {
    const [forward, address] = remedy(home('port-restricted', ''), 'N', 'Boot')
    assert.equal(forward, 'TCP 3000 forwarded to N at home-router')
    assert.equal(address, 'PUBLIC_IP=11.0.0.40 on N')
    const cloud = home('{ preset: one-to-one, allow: [] }', '')
    assert.equal(remedy(cloud, 'N', 'Boot')[0], 'TCP 3000 allowed at home-router')
  })

  it('is nothing behind a carrier, where the reason is said', () => {
    const [none = ''] = remedy(home('cgnat', "PUBLIC_IP: '{public}'"), 'N', 'Boot')
    assert.match(none, /behind a carrier.*KAD_MODE=client/)
  })

  it('is a public address, not server mode, for KAD_MODE=auto', () => {
    assert.deepEqual(remedy(home('port-forward', 'KAD_MODE: auto'), 'N', 'Boot'), [
      'PUBLIC_IP=11.0.0.40 on N',
    ])
    assert.deepEqual(
      remedy(home('port-forward', "KAD_MODE: client, PUBLIC_IP: '{public}'"), 'N', 'Boot'),
      ['KAD_MODE=server on N'],
    )
  })

  it('is the router for two behind one that does not hairpin, and their private addresses in a cloud', () => {
    assert.deepEqual(remedy(two('{ preset: port-forward, hairpin: false }'), 'B', 'A'), [
      'hairpinning on at home-router',
    ])
    const cloud = two('{ preset: one-to-one, allow: [tcp/3000, tcp/4002] }')
    const actions = remedy(cloud, 'B', 'A').join('; ')
    assert.match(actions, /ADDRESS_SCOPE=any/)
    assert.match(actions, /APPEND_ANNOUNCE=\/ip4\/10\.2\.0\.11\/tcp\/4002/)
    assert.match(actions, /BOOTSTRAP=\S*\/ip4\/10\.2\.0\.1/)
  })

  it('is the right peer id, and an identity of its own for a twin', () => {
    const wrong = `
sites: { net: { nat: public } }
nodes:
  A: { site: net }
  B: { site: net, env: { BOOTSTRAP: '/ip4/{A.public}/tcp/3000/p2p/12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz' } }`
    assert.match(
      remedy(wrong, 'A', 'B').join(),
      /^BOOTSTRAP=\/ip4\/11\.0\.0\.10\/tcp\/3000\/p2p\/12D3KooW\w+ on B$/,
    )
    const twins = `
sites: { net: { nat: public } }
nodes:
  A: { site: net, env: { IDENTITY_SEED: '${'7'.repeat(64)}' } }
  B: { site: net, bootstrap: [A], env: { IDENTITY_SEED: '${'7'.repeat(64)}' } }`
    assert.match(remedy(twins, 'B', 'A').join('; '), /no IDENTITY_SEED.* on B/)
  })

  it('says itself as a sentence', () => {
    assert.equal(
      actionsText([
        { router: 'r', forward: { port: 20_000, to: 'B', toPort: 3000 } },
        { on: 'B', set: { ANNOUNCE: '/ip4/11.0.0.9/tcp/20000', PUBLIC_IP: null } },
      ]),
      'Forward TCP 20000 to B, port 3000, at r and set ANNOUNCE=/ip4/11.0.0.9/tcp/20000 and take PUBLIC_IP away on B',
    )
  })
})

describe('behind a carrier', () => {
  it('a port that the carrier forwards to the home is led on from there', () => {
    const carrier = 'carrier: { forwards: [{ port: tcp/4001, to: N, toPort: 3000 }] }'
    const asked = remedy(home(`{ preset: cgnat, ${carrier} }`, ''), 'N', 'Boot')
    assert.deepEqual(asked, [
      'TCP 3000 forwarded to N at home-router',
      'ANNOUNCE=/ip4/11.0.0.40/tcp/4001 on N',
    ])
  })
})
