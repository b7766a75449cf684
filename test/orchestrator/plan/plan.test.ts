import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import {
  type Cidr,
  contains,
  overlaps,
  parseAddress,
  parseCidr,
} from '#orchestrator/net/addresses.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { PlanError, planScenario } from '#orchestrator/plan/plan.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

const TWO_SITES = `
name: two
title: two sites
sites:
  a: { nat: one-to-one, subnet: 10.1.0.0/24, public: 11.0.0.11 }
  b: { nat: one-to-one, subnet: 10.2.0.0/24, public: 11.0.0.12 }
nodes:
  A: { site: a, address: 10.1.0.10 }
  B: { site: b, address: 10.2.0.10, bootstrap: [A], env: { PUBLIC_IP: '{public}', KAD_MODE: client } }
`

function onlyPlan(plans: Plan[]): Plan {
  assert.equal(plans.length, 1)
  return plans[0] as Plan
}

function nodeOf(plan: Plan, name: string, variant = 0): NodePlan {
  const node = plan.variants[variant]?.nodes.find((node) => node.name === name)
  assert.ok(node, name)
  return node
}

function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text)
  assert.ok(cidr, text)
  return cidr
}

/** How many addresses on the internet each /16 has, for a go-libp2p peer and so many kadlab nodes. */
function perGroup(count: number, more = ''): number[] {
  const text = `name: t\ntitle: t\n${more}sites: { net: { nat: public }, homes: { nat: port-restricted, count: ${count} } }
nodes: { G: { program: go-kv, site: net }, N: { site: homes, count: ${count} } }`
  const plan = planScenario(scenarioOf(text), { seed: 1 })[0]
  const onInternet = [
    ...(plan?.variants[0]?.nodes ?? []).map(({ address }) => address),
    ...(plan?.routers ?? []).map(({ wan }) => wan.address),
  ].filter((address) => address.startsWith('11.'))
  assert.equal(new Set(onInternet).size, count + 1)
  const groups = Map.groupBy(onInternet, (address) => address.split('.').slice(0, 2).join('.'))
  return [...groups.values()].map(({ length }) => length)
}

describe('a plan', () => {
  it('has the addresses that the scenario names', () => {
    const plan = onlyPlan(planScenario(scenarioOf(TWO_SITES), { seed: 1 }))
    assert.deepEqual(
      plan.networks.map(({ name, subnet, gateway }) => [name, subnet, gateway]),
      [
        ['internet', '11.0.0.0/24', null],
        ['a', '10.1.0.0/24', '10.1.0.1'],
        ['b', '10.2.0.0/24', '10.2.0.1'],
      ],
    )
    const { address, publicAddress, gateway, network } = nodeOf(plan, 'B')
    assert.deepEqual(
      [address, publicAddress, gateway, network],
      ['10.2.0.10', '11.0.0.12', '10.2.0.1', 'b'],
    )
    const [router] = plan.routers
    assert.equal(router?.name, 'a-router')
    assert.deepEqual(router?.nat.oneToOne, [{ private: '10.1.0.10', public: '11.0.0.11' }])
    assert.equal(router?.wan.address, '11.0.0.11')
  })

  it('fills templates in, and gives bootstrap nodes as multiaddrs with their peer ids', () => {
    const plan = onlyPlan(planScenario(scenarioOf(TWO_SITES), { seed: 1 }))
    const a = nodeOf(plan, 'A')
    const b = nodeOf(plan, 'B')
    assert.deepEqual(b.settings, {
      PUBLIC_IP: '11.0.0.12',
      KAD_MODE: 'client',
      BOOTSTRAP: `/ip4/11.0.0.11/tcp/3000/p2p/${a.peerId}`,
    })
    assert.deepEqual(b.env, { ...b.settings, IDENTITY_SEED: b.identitySeed })
    assert.deepEqual(a.settings, {})
  })

  it('joins through the private address inside one site', () => {
    const plan = onlyPlan(
      planScenario(
        scenarioOf(`
name: home
title: two in one home
sites: { home: { nat: port-restricted } }
nodes:
  A: { site: home, env: { LISTEN_PORT: 4001 } }
  B: { site: home, bootstrap: [A] }
`),
        { seed: 1 },
      ),
    )
    const a = nodeOf(plan, 'A')
    assert.equal(
      nodeOf(plan, 'B').settings['BOOTSTRAP'],
      `/ip4/${a.address}/tcp/4001/p2p/${a.peerId}`,
    )
    assert.equal(a.publicAddress, plan.routers[0]?.wan.address)
  })

  it('moves whole networks away from taken ones, and host numbers with them', () => {
    const taken = ['10.1.0.0/16', '11.0.0.0/24']
    const plan = onlyPlan(planScenario(scenarioOf(TWO_SITES), { seed: 1, taken }))
    const a = nodeOf(plan, 'A')
    const b = nodeOf(plan, 'B')
    assert.equal(a.address.split('.').at(-1), '10')
    assert.ok(!contains(cidrOf('10.1.0.0/16'), parseAddress(a.address) ?? 0))
    assert.equal(b.address, '10.2.0.10')
    assert.deepEqual([a.publicAddress, b.publicAddress], ['11.0.1.11', '11.0.1.12'])
    assert.equal(b.settings['PUBLIC_IP'], '11.0.1.12')
  })

  it('never has overlapping networks, addresses twice or outside, whatever is taken', () => {
    const scenario = scenarioOf(`
name: many
title: every kind of site
sites:
  open: { nat: public }
  cloud: { nat: one-to-one, subnet: 10.7.0.0/24, public: 11.0.0.50 }
  home: { nat: port-forward }
  flat: { nat: cgnat }
  other: { nat: cgnat }
  office: { nat: symmetric, subnet: 192.168.1.0/24 }
nodes:
  O: { site: open }
  C: { site: cloud }
  D: { site: cloud }
  H: { site: home }
  F: { site: flat }
  G: { site: other }
  S: { site: office }
  T: { site: office, address: 192.168.1.200 }
`)
    const octet = fc.nat(255)
    const taken = fc.array(
      fc.oneof(
        fc
          .tuple(octet, fc.integer({ min: 12, max: 28 }))
          .map(([two, prefix]) => `10.${two % 16}.${two}.0/${prefix}`),
        fc
          .tuple(octet, fc.integer({ min: 20, max: 28 }))
          .map(([three, prefix]) => `11.0.${three % 4}.0/${prefix}`),
        fc.constantFrom('192.168.0.0/17', '100.64.0.0/16', '172.17.0.0/16', '192.168.1.0/24'),
      ),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(taken, fc.nat(), (taken, seed) => {
        const plan = onlyPlan(planScenario(scenario, { seed, taken }))
        const subnets = plan.networks.map(({ subnet }) => cidrOf(subnet))
        const others = taken.map((text) => cidrOf(maskedCidr(text)))
        for (const [index, subnet] of subnets.entries()) {
          const rivals = [...others, ...subnets.slice(0, index)]
          assert.ok(!rivals.some((rival) => overlaps(rival, subnet)), plan.networks[index]?.name)
        }
        const seen = new Set<string>()
        for (const [network, address] of addressesOf(plan)) {
          const subnet = plan.networks.find(({ name }) => name === network)?.subnet ?? ''
          assert.ok(
            contains(cidrOf(subnet), parseAddress(address) ?? -1),
            `${address} in ${network}`,
          )
          assert.ok(!seen.has(address), `${address} twice`)
          seen.add(address)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('puts two routers and a carrier network before a cgnat site', () => {
    const plan = onlyPlan(
      planScenario(
        scenarioOf(`
name: phone
title: behind a carrier
sites: { home: { nat: { preset: cgnat, carrier: { filtering: EI } } } }
nodes: { A: { site: home } }
`),
        { seed: 1 },
      ),
    )
    const [inner, outer] = plan.routers
    assert.deepEqual([inner?.name, outer?.name], ['home-router', 'home-carrier-router'])
    assert.equal(inner?.wan.network, 'home-carrier')
    assert.equal(inner?.wan.gateway, outer?.lan.address)
    assert.equal(outer?.nat.filtering, 'EI')
    assert.equal(inner?.nat.filtering, 'APD')
    assert.equal(nodeOf(plan, 'A').publicAddress, outer?.wan.address)
  })

  it('forwards the listening port of each node behind port-forward', () => {
    const plan = onlyPlan(
      planScenario(
        scenarioOf(`
name: forwarded
title: forwarded
sites: { home: { nat: port-forward } }
nodes: { A: { site: home, env: { LISTEN_PORT: 4001 } } }
`),
        { seed: 1 },
      ),
    )
    assert.deepEqual(plan.routers[0]?.nat.forwards, [
      { protocol: 'tcp', port: 4001, to: nodeOf(plan, 'A').address, toPort: 4001 },
    ])
  })

  it('forwards and joins at the port of LISTEN, which overrides LISTEN_PORT', () => {
    const listen = '/ip4/127.0.0.1/tcp/4000, /ip6/::/tcp/4002, /ip4/{address}/tcp/4001'
    const plan = onlyPlan(
      planScenario(
        scenarioOf(`
name: listen
title: listen
sites: { home: { nat: port-forward }, away: { nat: one-to-one } }
nodes:
  A: { site: home, env: { LISTEN: '${listen}', LISTEN_PORT: 5001 } }
  B: { site: away, bootstrap: [A], env: { ANNOUNCE: '/dns4/a.example/tcp/{A.port}' } }
`),
        { seed: 1 },
      ),
    )
    const a = nodeOf(plan, 'A')
    const { settings } = nodeOf(plan, 'B')
    assert.equal(settings['BOOTSTRAP'], `/ip4/${a.publicAddress}/tcp/4001/p2p/${a.peerId}`)
    assert.equal(settings['ANNOUNCE'], '/dns4/a.example/tcp/4001')
    assert.deepEqual(plan.routers[0]?.nat.forwards, [
      { protocol: 'tcp', port: 4001, to: a.address, toPort: 4001 },
    ])
  })

  it('is one plan for variants that differ in node settings, and another for other routers', () => {
    const plans = planScenario(
      scenarioOf(`${TWO_SITES}
variants:
  one: {}
  two: { nodes: { A: { env: { KAD_MODE: client } } } }
  three: { sites: { a: { nat: symmetric } } }
  four: {}
`),
      { seed: 1 },
    )
    assert.deepEqual(
      plans.map((plan) => plan.variants.map(({ name }) => name)),
      [['one', 'two'], ['three'], ['four']],
    )
    assert.equal(plans[1]?.routers[0]?.preset, 'symmetric')
    assert.deepEqual(plans[0]?.variants[1]?.nodes[0]?.settings, { KAD_MODE: 'client' })
  })

  it('plans the wanted variants only', () => {
    const scenario = scenarioOf(`${TWO_SITES}\nvariants: { one: {}, two: {} }\n`)
    const plan = onlyPlan(planScenario(scenario, { seed: 1, variants: ['two'] }))
    assert.deepEqual(
      plan.variants.map(({ name }) => name),
      ['two'],
    )
  })

  it('gives two sites one subnet only where the fabric can have that', () => {
    const scenario = scenarioOf(TWO_SITES.replaceAll('10.2.0', '10.1.0'))
    const plan = onlyPlan(planScenario(scenario, { seed: 1, sameSubnets: true }))
    assert.equal(nodeOf(plan, 'A').address, nodeOf(plan, 'B').address)
    assert.throws(
      () => planScenario(scenario, { seed: 1 }),
      (error) =>
        error instanceof PlanError &&
        error.faults.length === 1 &&
        error.faults[0]?.path.join('.') === 'sites.b.subnet' &&
        /--fabric sim/.test(error.message),
    )
  })

  it('is the same for the same arguments', () => {
    const scenario = scenarioOf(TWO_SITES)
    const options = { seed: 5, taken: ['10.1.0.0/24'] }
    assert.deepEqual(planScenario(scenario, options), planScenario(scenario, options))
  })

  it('hands out the addresses of the whole internet, however large it is', () => {
    const crowd = Array.from({ length: 900 }, (_, index) => `  N${index}: { site: a }`)
    const scenario = (subnet: string): Scenario =>
      scenarioOf(`
name: crowd
title: crowd
internet: ${subnet}
sites: { a: { nat: public } }
nodes:
${crowd.join('\n')}
`)
    const plan = onlyPlan(planScenario(scenario('11.0.0.0/16'), { seed: 1 }))
    const addresses = plan.variants[0]?.nodes.map(({ address }) => address) ?? []
    assert.equal(new Set(addresses).size, 900)
    assert.equal(addresses[0], '11.0.0.10')
    assert.throws(
      () => planScenario(scenario('11.0.0.0/24'), { seed: 1 }),
      /no address left for node N190's: give it a larger subnet/,
    )
  })

  it('takes a network that is large enough where the scenario names none', () => {
    const nodes = ['a', 'b'].flatMap((site) =>
      Array.from({ length: 300 }, (_, index) => `  ${site}${index}: { site: ${site} }`),
    )
    const scenario = scenarioOf(`
name: crowd
title: crowd
sites: { a: { nat: public }, b: { nat: full-cone } }
nodes:
${nodes.join('\n')}
`)
    const plan = onlyPlan(planScenario(scenario, { seed: 1 }))
    assert.deepEqual(
      plan.networks.map(({ subnet }) => subnet),
      ['11.0.0.0/16', '10.2.0.0/16'],
    )
  })

  it('puts two of each /16 where peers of other implementations look on, which list no more of one', () => {
    assert.deepEqual(perGroup(1), [2])
    assert.ok(perGroup(2).every((length) => length <= 2))
    assert.ok(perGroup(40).every((length) => length <= 2))
    assert.deepEqual(perGroup(5, 'internet: 11.0.0.0/24\n'), [6], 'who names one group has one')
  })

  it('plans as many sites as nodes', () => {
    const sites = Array.from({ length: 500 }, (_, index) => `  s${index}: { nat: full-cone }`)
    const nodes = Array.from({ length: 500 }, (_, index) => `  N${index}: { site: s${index} }`)
    const scenario = scenarioOf(`
name: crowd
title: crowd
sites:
${sites.join('\n')}
nodes:
${nodes.join('\n')}
`)
    const plan = onlyPlan(planScenario(scenario, { seed: 1 }))
    assert.equal(new Set(plan.networks.map(({ subnet }) => subnet)).size, 501)
  })

  it('has one fault for a node or router without an address, and none for what names it', () => {
    // A /29 has five hosts beside the gateway and the router's own address.
    const crowd = Array.from(
      { length: 6 },
      (_, index) => `  N${index}: { site: a, env: { PUBLIC_IP: '{N5.public}' } }`,
    )
    for (const nat of ['one-to-one', 'port-restricted', 'cgnat']) {
      const scenario = scenarioOf(`
name: crowd
title: crowd
sites: { a: { nat: ${nat}, subnet: 10.1.0.0/29 } }
nodes:
${crowd.join('\n')}
`)
      assert.throws(
        () => planScenario(scenario, { seed: 1 }),
        (error) =>
          error instanceof PlanError &&
          error.faults.length > 0 &&
          error.faults.every(({ message }) => / has no address left for node N\d's/.test(message)),
      )
    }
  })
})

function addressesOf(plan: Plan): [string, string][] {
  const nodes = plan.variants.flatMap(({ nodes }) => nodes)
  return [
    ...nodes.map(({ network, address }): [string, string] => [network, address]),
    ...plan.routers.flatMap(({ lan, wan }): [string, string][] => [
      [lan.network, lan.address],
      [lan.network, lan.ownAddress],
      ...[wan.address, ...wan.furtherAddresses].map((address): [string, string] => [
        wan.network,
        address,
      ]),
    ]),
  ]
}

function maskedCidr(text: string): string {
  const [address = '', prefix = '32'] = text.split('/')
  const size = 2 ** (32 - Number(prefix))
  const base = Math.floor((parseAddress(address) ?? 0) / size) * size
  return `${[24, 16, 8, 0].map((shift) => (base >>> shift) & 255).join('.')}/${prefix}`
}
