import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SimHost } from '#orchestrator/fabric/sim/host.ts'
import { SimInternet } from '#orchestrator/fabric/sim/internet.ts'
import type { Plan, VariantPlan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { factsOf, meantBy, trueDial, type World, worldOf } from '#orchestrator/truth/dials.ts'
import type { Endpoint } from '#orchestrator/truth/packets.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'
import { randomScenario } from '../../../scripts/accuracy/random-scenario.ts'

function planned(text: string): { plan: Plan; variant: VariantPlan; world: World } {
  const [plan] = planScenario(scenarioOf(text), { seed: 1, sameSubnets: true })
  const variant = plan?.variants[0]
  assert.ok(plan && variant)
  return { plan, variant, world: worldOf(plan, variant) }
}

/** What a packet met: `connected`, or the code that it failed with. */
async function connect(clock: ManualClock, from: SimHost, to: Endpoint): Promise<string> {
  const patience = new AbortController()
  const dial = async (): Promise<string> => {
    try {
      const connection = await from.tcp.connect({ to, localPort: null, signal: patience.signal })
      connection.reset()
      return 'connected'
    } catch (error) {
      const { code } = error as { code?: unknown }
      return typeof code === 'string' ? code : 'timed-out'
    }
  }
  const dialling = dial()
  await clock.advance(4000)
  patience.abort()
  const outcome = await dialling
  await clock.advance(10)
  return outcome
}

describe('dials by the plan alone', () => {
  it('end as they do on the simulated network, whatever the routers are', async () => {
    let compared = 0
    for (let seed = 1; seed <= 120; seed++) {
      const [plan] = planScenario(randomScenario(seed).scenario, { seed, sameSubnets: true })
      const variant = plan?.variants[0]
      assert.ok(plan && variant)
      const world = worldOf(plan, variant)
      const clock = new ManualClock()
      const internet = new SimInternet(plan, { clock })
      // As a lab does: where a node cannot start there is no machine.
      const started = variant.nodes.filter(({ name }) => factsOf(world, name).starts)
      const hosts = new Map(started.map((node) => [node.name, internet.addHost(node)]))
      const accepted: string[] = []
      for (const [name, host] of hosts) {
        for (const endpoint of factsOf(world, name).listening) {
          host.tcp.listen({ ...endpoint, onConnection: () => accepted.push(name) })
        }
      }
      const addresses = variant.nodes.flatMap(({ name }) => {
        const { announced, bootstrap } = factsOf(world, name)
        return [...announced, ...bootstrap].map((address) => address.replace(/\/p2p\/.*/, ''))
      })
      for (const [name, host] of hosts) {
        for (const address of new Set(addresses)) {
          const [, , ip = '', , port = ''] = address.split('/')
          accepted.length = 0
          const outcome = await connect(clock, host, { address: ip, port: Number(port) })
          const { answeredBy, kind } = trueDial(world, name, address)
          const expected = answeredBy === null ? CODES[kind ?? 'other'] : 'connected'
          assert.equal(
            outcome.replace('ENETUNREACH', 'EHOSTUNREACH'),
            expected,
            `seed ${seed}: ${name} dials ${address}`,
          )
          if (answeredBy !== null)
            assert.deepEqual(accepted, [answeredBy], `seed ${seed}: ${address}`)
          compared += 1
        }
      }
      internet.stop()
    }
    assert.ok(compared > 1000, String(compared))
  })
})

const CODES: Readonly<Record<string, string>> = {
  refused: 'ECONNREFUSED',
  'timed-out': 'timed-out',
  'no-route': 'EHOSTUNREACH',
}

describe('the node for whom an address is meant', () => {
  const HOMES = `
name: meant
title: who is meant
sites:
  net: { nat: public }
  home: { nat: { preset: port-forward, forwards: [{ port: tcp/4000, to: B }] }, public: 11.0.0.40 }
  far: { nat: one-to-one, subnet: 10.9.0.0/24 }
nodes:
  O: { site: net }
  A: { site: home, address: 10.2.0.10 }
  B: { site: home, address: 10.2.0.11, env: { LISTEN_PORT: 4000 } }
  C: { site: far, address: 10.9.0.4 }
`
  it('is whoever has it, is known by it to the world, or has the port forwarded', () => {
    const { world, variant } = planned(HOMES)
    const far = variant.nodes.find(({ name }) => name === 'C')?.publicAddress ?? ''
    assert.equal(meantBy(world, 'O', `/ip4/${far}/tcp/3999`), 'C')
    assert.equal(meantBy(world, 'O', '/ip4/11.0.0.40/tcp/4000'), 'B')
    assert.equal(meantBy(world, 'O', '/ip4/11.0.0.40/tcp/3000'), null)
    assert.equal(meantBy(world, 'A', '/ip4/10.2.0.11/tcp/1'), 'B')
    assert.equal(meantBy(world, 'O', '/ip4/10.9.0.4/tcp/3000'), 'C')
    assert.equal(meantBy(world, 'O', '/ip4/10.77.0.4/tcp/3000'), null)
  })
})
