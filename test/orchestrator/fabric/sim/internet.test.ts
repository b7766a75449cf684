import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SimHost } from '#orchestrator/fabric/sim/host.ts'
import { SimInternet } from '#orchestrator/fabric/sim/internet.ts'
import type { RouterPlan } from '#orchestrator/plan/plan-type.ts'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { cloudNat, homeNat, labPlan, perfectLink, sitePlan } from './plans.ts'

const gateway = '10.0.0.1'

/** Sends a datagram and tells where the receiver saw it come from; null where nothing came. */
async function reach(
  clock: ManualClock,
  from: SimHost,
  fromPort: number,
  at: SimHost,
  to: Endpoint,
): Promise<Endpoint | null> {
  let seen: Endpoint | null = null
  const receiver = at.udp.bind(to.port, (_, source) => {
    seen = source
  })
  const sender = from.udp.bind(fromPort, () => undefined)
  sender.send(new Uint8Array([1]), to)
  await clock.advance(10_000)
  sender.close()
  receiver.close()
  return seen
}

describe('simulated internet', () => {
  it('takes two sites of one private range, each host of which has the same address', async () => {
    const clock = new ManualClock()
    const sites = ['one', 'two'].map((site, index) =>
      sitePlan(site, `11.0.0.${11 + index}`, { ...homeNat, filtering: 'EI' }),
    )
    const internet = new SimInternet(labPlan(sites), { clock })
    const [one, two] = ['one', 'two'].map((network) =>
      internet.addHost({ name: network, network, address: '10.0.0.4', gateway }),
    )
    assert.ok(one && two)
    // Opens the port of `two`, for `one` to come in by.
    await reach(clock, two, 5000, one, { address: '11.0.0.99', port: 1 })
    const seen = await reach(clock, one, 4000, two, { address: '11.0.0.12', port: 5000 })
    assert.deepEqual(seen, { address: '11.0.0.11', port: 4000 })
  })

  it('reaches a VM behind 1:1 NAT at its public address, and shows the dialler by his', async () => {
    const clock = new ManualClock()
    const sites = ['11.0.0.11', '11.0.0.12'].map((address) =>
      sitePlan(address, address, {
        ...cloudNat({ private: '10.0.0.4', public: address }),
        allow: [{ protocol: 'udp', port: 3000 }],
      }),
    )
    const internet = new SimInternet(labPlan(sites), { clock })
    const [one, two] = ['11.0.0.11', '11.0.0.12'].map((network) =>
      internet.addHost({ name: network, network, address: '10.0.0.4', gateway }),
    )
    assert.ok(one && two)
    const seen = await reach(clock, one, 4000, two, { address: '11.0.0.12', port: 3000 })
    assert.deepEqual(seen, { address: '11.0.0.11', port: 4000 })
  })

  it('nests routers: a home behind a carrier is seen at the address of the carrier', async () => {
    const clock = new ManualClock()
    const home = sitePlan('home', '100.64.0.2', homeNat)
    const wan = { network: 'home-carrier', address: '100.64.0.2', gateway: '100.64.0.1' }
    const inner: RouterPlan = { ...home.router, wan: { ...wan, furtherAddresses: [] } }
    const outer: RouterPlan = {
      ...sitePlan('home', '11.0.0.30', { ...homeNat, ports: 'random' }).router,
      name: 'home-carrier-router',
      lan: { network: 'home-carrier', address: '100.64.0.1', ownAddress: '100.64.0.3' },
    }
    const carrier = {
      name: 'home-carrier',
      subnet: '100.64.0.0/24',
      gateway: '100.64.0.1',
      link: perfectLink,
    }
    const plan = labPlan([home])
    const internet = new SimInternet(
      { ...plan, networks: [...plan.networks, carrier], routers: [outer, inner] },
      { clock },
    )
    const inside = internet.addHost({ name: 'node', network: 'home', address: '10.0.0.4', gateway })
    const outside = internet.addHost({
      name: 'peer',
      network: 'internet',
      address: '11.0.0.99',
      gateway: null,
    })
    const seen = await reach(clock, inside, 4000, outside, { address: '11.0.0.99', port: 3000 })
    assert.equal(seen?.address, '11.0.0.30')
    assert.notEqual(seen?.port, 4000)

    const listening = { address: '0.0.0.0', port: 3000, onConnection: () => undefined }
    outside.tcp.listen(listening)
    const connecting = inside.tcp.connect({
      to: { address: '11.0.0.99', port: 3000 },
      localPort: null,
    })
    await clock.advance(10)
    assert.equal((await connecting).isOpen, true)

    const nobody = { address: '11.0.0.77', port: 3000 }
    const failure = assert.rejects(inside.tcp.connect({ to: nobody, localPort: null }), {
      code: 'EHOSTUNREACH',
    })
    await clock.advance(3500)
    await failure
  })

  it('tells a host behind NAT that no route leads to an address', async () => {
    const clock = new ManualClock()
    const internet = new SimInternet(labPlan([sitePlan('one', '11.0.0.11', homeNat)]), { clock })
    const host = internet.addHost({ name: 'one', network: 'one', address: '10.0.0.4', gateway })
    const failure = assert.rejects(
      host.tcp.connect({ to: { address: '192.168.7.7', port: 1 }, localPort: null }),
      { code: 'ENETUNREACH' },
    )
    await clock.advance(10)
    await failure
  })

  it('takes an address once on a network, and only from its subnet', () => {
    const internet = new SimInternet(labPlan([]), { clock: new ManualClock() })
    const place = { name: 'one', network: 'internet', gateway: null }
    const host = internet.addHost({ ...place, address: '11.0.0.20' })
    const conflict = { name: 'AddressConflictError' }
    assert.throws(() => internet.addHost({ ...place, address: '11.0.0.20' }), conflict)
    assert.throws(() => internet.addHost({ ...place, address: '11.0.1.20' }), conflict)
    internet.removeHost(host)
    internet.addHost({ ...place, address: '11.0.0.20' })
  })

  it('names the networks that there are where one is not', () => {
    const internet = new SimInternet(labPlan([]), { clock: new ManualClock() })
    const place = { name: 'one', network: 'nowhere', gateway: null, address: '11.0.0.20' }
    assert.throws(() => internet.addHost(place), /\(internet\), saw nowhere/)
  })
})
