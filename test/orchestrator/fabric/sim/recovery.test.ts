import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { listedPeers } from '#node/patches/kad.ts'
import { createPeer, type Peer } from '#node/peer/peer.ts'
import type { Clock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import { SimInternet } from '#orchestrator/fabric/sim/internet.ts'
import { createRandom } from '#orchestrator/fabric/sim/random.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { simTransport } from '#orchestrator/fabric/sim/transport.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

const NODES = ['A', 'B', 'C', 'D', 'E']
const FAULTS_MS = 60_000
const HEALED_MS = 30_000

interface Breakable {
  services: Record<string, Record<string, (...words: unknown[]) => Promise<unknown>>>
}

/** Makes a method of a service fail in the way that a busy machine makes it, until `isOver`. */
function breakUntil(peer: Peer, service: string, method: string, isOver: () => boolean): void {
  const services = (peer.libp2p as unknown as Breakable).services[service]
  const whole = services?.[method]?.bind(services)
  assert.ok(services && whole)
  services[method] = async (...words) => {
    if (!isOver()) throw new DOMException('took longer than 5000 ms', 'TimeoutError')
    return whole(...words)
  }
}

/** Five public peers that join through the first, with something broken for the first minute. Who lists how many. */
async function listedAfter(
  clock: Clock,
  faults: readonly (readonly [string, string])[],
): Promise<number[]> {
  const nodes = NODES.map(
    (name) => `${name}: { site: net${name === 'A' ? '' : ', bootstrap: [A]'} }`,
  )
  const scenario = scenarioOf(
    `name: t\ntitle: t\nsites: { net: { nat: public } }\nnodes: { ${nodes.join(', ')} }`,
  )
  const [plan] = planScenario(scenario, { seed: 1 })
  assert.ok(plan)
  const internet = new SimInternet(plan, { clock })
  await using peers = new AsyncDisposableStack()
  const started: Peer[] = []
  const startedAt = clock.now()
  for (const node of plan.variants[0]?.nodes ?? []) {
    const random = createRandom(1, node.name)
    const peer = await createPeer(parseConfig(node.env), {
      log: silentLog,
      clock,
      random: () => random.fraction(),
      transport: simTransport(internet.addHost(node)),
    })
    peers.use(peer)
    for (const [service, method] of faults) {
      breakUntil(peer, service, method, () => clock.now() - startedAt >= FAULTS_MS)
    }
    await peer.start()
    started.push(peer)
  }
  await delay(clock, FAULTS_MS)
  assert.ok(started.some(({ dht }) => listedPeers(dht).length < NODES.length - 1))
  await delay(clock, HEALED_MS)
  const listed = started.map(({ dht }) => listedPeers(dht).length)
  await peers.disposeAsync()
  internet.stop()
  return listed
}

describe('when faults end, everybody is listed within 30 s', () => {
  const all = NODES.map(() => NODES.length - 1)
  for (const [name, faults] of [
    ['identify failed', [['identify', '_identify']]],
    ['pings failed', [['ping', 'ping']]],
    [
      'both failed',
      [
        ['identify', '_identify'],
        ['ping', 'ping'],
      ],
    ],
  ] as const) {
    it(`where ${name} for a minute`, async () => {
      const listed = await createSimFabric().withClock(1, (clock) => listedAfter(clock, faults))
      assert.deepEqual(listed, all)
    })
  }
})

/**
 * How many servers a client lists 30 s after the last two of them have come, a minute after the client joined through the
 * first. The seed decides who is close to whom: stock queries go on to nobody who is further from what they look for than
 * the one who names him.
 */
async function listedByClient(clock: Clock, seed: number): Promise<number> {
  const fabric = createSimFabric()
  const [plan] = planScenario(
    scenarioOf(`name: t
title: t
sites: { net: { nat: public }, home: { nat: port-restricted } }
nodes:
  A: { site: net }
  C: { site: home, bootstrap: [A], env: { KAD_MODE: client } }
  B: { site: net, count: 2, bootstrap: [A] }`),
    { seed },
  )
  assert.ok(plan)
  await using lab = await fabric.start(plan, { onEvent: () => {} })
  const [a, c, ...later] = plan.variants[0]?.nodes ?? []
  assert.ok(a && c && later.length === 2)
  await lab.startNode(a)
  const client = await lab.startNode(c)
  await delay(clock, FAULTS_MS)
  for (const each of later) await lab.startNode(each)
  await delay(clock, HEALED_MS)
  return (await client.api.status()).listed
}

/** How many pings are answered of those that wait for one connection to be made. */
async function answeredPings(clock: Clock, count: number): Promise<number> {
  const scenario = scenarioOf(
    `name: t\ntitle: t\nsites: { net: { nat: public } }\nnodes: { A: { site: net }, B: { site: net } }`,
  )
  const [plan] = planScenario(scenario, { seed: 1 })
  assert.ok(plan)
  const internet = new SimInternet(plan, { clock })
  await using peers = new AsyncDisposableStack()
  const started: Peer[] = []
  for (const node of plan.variants[0]?.nodes ?? []) {
    const transport = simTransport(internet.addHost(node))
    const peer = await createPeer(parseConfig(node.env), { log: silentLog, clock, transport })
    started.push(peers.use(peer))
    await peer.start()
  }
  const [a, b] = started
  assert.ok(a && b)
  const ping = async (): Promise<void> => {
    const stream = await b.libp2p.dialProtocol(a.libp2p.getMultiaddrs(), '/ipfs/ping/1.0.0')
    stream.send(new Uint8Array(32))
    for await (const _answer of stream) break
    stream.abort(new Error('enough'))
  }
  const pings = await Promise.allSettled(Array.from({ length: count }, ping))
  await peers.disposeAsync()
  internet.stop()
  return pings.filter(({ status }) => status === 'fulfilled').length
}

describe('a node that many want something of as soon as it is connected', () => {
  it('hears them all', async () => {
    const answered = await createSimFabric().withClock(1, (clock) => answeredPings(clock, 30))
    assert.equal(answered, 30)
  })
})

describe('a client, which is in no table', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`lists servers that come later within 30 s, wherever they are (seed ${seed})`, async () => {
      const listed = await createSimFabric().withClock(seed, (clock) => listedByClient(clock, seed))
      assert.equal(listed, 3)
    })
  }
})
