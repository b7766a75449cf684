import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { NodeEvent } from '#node/events/node-event.ts'
import { loadScenario } from '#orchestrator/catalogue/load-file.ts'
import { FabricError } from '#orchestrator/fabric/errors.ts'
import type { Fabric, FabricEvent, Lab } from '#orchestrator/fabric/fabric.ts'
import { lastFreeAddresses } from '#orchestrator/net/free-addresses.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { fabricFacts } from '#orchestrator/scenario/fabrics.ts'
import { listEachOther } from '#test/support/node-events.ts'

const scenarioFile = new URL('../../../orchestrator/scenarios/nat-two-nodes.yaml', import.meta.url)
  .pathname

/** What is awaited here comes within moments; a lab that is broken must not hold the tests up for long. */
const patienceMs = 30_000

/** Everything that a lab told, and a way to await more. */
class Heard {
  readonly events: FabricEvent[] = []
  readonly #waiters = new Set<() => void>()

  readonly onEvent = (event: FabricEvent): void => {
    this.events.push(event)
    for (const look of this.#waiters) look()
  }

  ofNode(name: string): NodeEvent[] {
    return this.events.flatMap((event) =>
      event.type === 'node-event' && event.node === name ? [event.event] : [],
    )
  }

  /** Resolves once `isTrue`, which is asked again at each event. */
  async until(isTrue: () => boolean, what: string): Promise<void> {
    if (isTrue()) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const look = (): void => {
      if (isTrue()) resolve()
    }
    const timer = setTimeout(() => reject(new Error(`never happened: ${what}`)), patienceMs)
    this.#waiters.add(look)
    try {
      await promise
    } finally {
      clearTimeout(timer)
      this.#waiters.delete(look)
    }
  }
}

/** A started lab of two nodes, each behind its own 1:1 NAT; the nodes themselves are not started. */
class Bench implements AsyncDisposable {
  readonly lab: Lab
  readonly heard: Heard
  readonly plan: Plan
  readonly a: NodePlan
  readonly b: NodePlan

  private constructor(lab: Lab, heard: Heard, plan: Plan) {
    const [a, b] = plan.variants[0]?.nodes ?? []
    assert.ok(a && b)
    this.lab = lab
    this.heard = heard
    this.plan = plan
    this.a = a
    this.b = b
  }

  static async start(fabric: Fabric): Promise<Bench> {
    const heard = new Heard()
    const plan = await planFor(fabric)
    return new Bench(await fabric.start(plan, { onEvent: heard.onEvent }), heard, plan)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab.stop()
  }
}

async function planFor(fabric: Fabric): Promise<Plan> {
  const { scenario } = await loadScenario(scenarioFile)
  const taken = await fabric.takenSubnets()
  const [plan] = planScenario(scenario, { seed: 1, taken, variants: ['fixed'] })
  assert.ok(plan)
  return plan
}

/**
 * Registers the tests that every fabric has to pass. What each method promises is told in
 * `orchestrator/fabric/fabric.ts`; what is tested here is what scenarios rely on.
 */
export function describeFabricContract(name: string, createFabric: () => Fabric): void {
  describe(`${name}: a fabric`, () => {
    const fabric = createFabric()

    it('says that it can run here, and by what', async () => {
      const { available, detail } = await fabric.probe()
      assert.equal(available, true)
      assert.notEqual(detail, '')
      assert.ok(!detail.includes('\n'))
    })

    it('tells taken subnets as CIDRs', async () => {
      for (const subnet of await fabric.takenSubnets()) assert.match(subnet, /^[\d.]+\/\d+$/)
    })

    it('starts no lab for a caller who has given up', async () => {
      const plan = await planFor(fabric)
      const options = { onEvent: () => undefined, signal: AbortSignal.abort() }
      await assert.rejects(fabric.start(plan, options), { name: 'AbortError' })
    })
  })

  describe(`${name}: a lab`, () => {
    const fabric = createFabric()
    let bench: Bench
    let lab: Lab
    let heard: Heard
    before(async () => {
      bench = await Bench.start(fabric)
      ;({ lab, heard } = bench)
    })
    after(async () => {
      await bench[Symbol.asyncDispose]()
    })

    it('has started no node by itself', () => {
      const { a, b } = bench
      const ofNodes = heard.events.filter(
        (event) => 'node' in event && [a.name, b.name].includes(event.node),
      )
      assert.deepEqual(ofNodes, [])
    })

    it('shows an agent behind 1:1 NAT at its public address, and lets nobody in unasked', async () => {
      const { a, plan } = bench
      const outside = freeAddressOnInternet(plan)
      const place = { network: a.network, address: a.address, gateway: a.gateway }
      await using inside = await lab.startAgent({ ...place, name: 'probe-inside' })
      await using reflector = await lab.startAgent({
        name: 'probe-outside',
        network: 'internet',
        address: outside,
        gateway: null,
      })
      await reflector.reflect([20_001])
      const to = [{ address: outside, port: 20_001 }]
      for (const protocol of ['tcp', 'udp'] as const) {
        const localPort = 20_011
        const request = { protocol, localPort, to, listen: true, timeoutMs: 3000 }
        const expected = { address: a.publicAddress, port: localPort }
        assert.deepEqual(await inside.open(request), [expected], protocol)
      }
      const stranger = {
        protocol: 'tcp' as const,
        fromPort: null,
        to: { address: a.publicAddress, port: 20_099 },
        timeoutMs: 300,
      }
      assert.equal(await reflector.knock(stranger), null)
    })

    it('tells of a node: that it listens, its events in order, its log', async () => {
      await using node = await lab.startNode(bench.a)
      assert.equal(node.name, 'A')
      assert.ok(node.startedAtMs <= node.listeningAtMs)
      assert.ok(node.listeningAtMs <= performance.now())
      assert.equal((await node.api.status()).peerId, bench.a.peerId)
      await heard.until(() => kinds(heard.ofNode('A')).includes('listening'), 'A listens')
      const numbers = heard.ofNode('A').map((event) => event.seq)
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => index + 1),
      )
      const logged = heard.events.flatMap((event) =>
        event.type === 'node-log' && event.node === 'A' ? [`${event.line}\n`] : [],
      )
      assert.equal(node.log(), logged.join(''))
    })

    it('starts a node again where it was stopped, and stops it twice', async () => {
      const first = await lab.startNode(bench.a)
      await first.stop()
      await first.stop()
      await using second = await lab.startNode(bench.a)
      assert.equal((await second.api.status()).peerId, bench.a.peerId)
      assert.ok(heard.events.every((event) => event.type !== 'node-exit'))
    })

    it('kills a node without a goodbye: it says none, its neighbours lose it, and it can be started again', async () => {
      const { a, b } = bench
      await using nodeA = await lab.startNode(a)
      const nodeB = await lab.startNode(b)
      await listEachOther(nodeA, nodeB)
      const said = heard.ofNode('B').length
      const lost = heard.ofNode('A').length
      await nodeB.kill()
      await nodeB.kill()
      await heard.until(() => kinds(heard.ofNode('A').slice(lost)).includes('closed'), 'A loses B')
      assert.ok(!kinds(heard.ofNode('B').slice(said)).includes('stopping'))
      assert.ok(heard.events.every((event) => event.type !== 'node-exit'))
      await using again = await lab.startNode(b)
      assert.equal((await again.api.status()).peerId, b.peerId)
    })

    it('pauses a node: it keeps its connections and answers nobody until it is resumed', async () => {
      const { a, b } = bench
      await using nodeA = await lab.startNode({
        ...a,
        env: { ...a.env, DIAL_ADDRESS_TIMEOUT_MS: '500' },
      })
      await using nodeB = await lab.startNode(b)
      await listEachOther(nodeA, nodeB)
      const address = `/ip4/${b.publicAddress}/tcp/3000/p2p/${b.peerId}`
      const before = heard.ofNode('A').length
      await nodeB.pause()
      await nodeB.pause()
      const said = heard.ofNode('B').length
      const asked = nodeB.api.status()
      const outcome = await nodeA.api.dial(address)
      assert.deepEqual([outcome.ok, outcome.kind], [false, 'silent'], outcome.error ?? '')
      assert.equal(heard.ofNode('B').length, said)
      const lost = heard.ofNode('A').slice(before)
      assert.ok(!lost.some((event) => event.event === 'closed' && event.peer === b.peerId))
      await nodeB.resume()
      await nodeB.resume()
      assert.equal((await asked).peerId, b.peerId)
      const again = await nodeA.api.dial(address)
      assert.equal(again.ok, true, again.error ?? '')
    })

    it('stops and kills a node that is paused', async () => {
      const { a } = bench
      const stopped = await lab.startNode(a)
      await stopped.pause()
      await stopped.stop()
      const killed = await lab.startNode(a)
      await killed.pause()
      await killed.kill()
      await using again = await lab.startNode(a)
      assert.equal((await again.api.status()).peerId, a.peerId)
      assert.ok(heard.events.every((event) => event.type !== 'node-exit'))
    })

    it('keeps what a node stored over a restart, where it has a DATA_DIR', async () => {
      const { a } = bench
      const keeping = { ...a, env: { ...a.env, DATA_DIR: '/data', PUT_MIN_COPIES: '0' } }
      const first = await lab.startNode(keeping)
      await first.api.put('kept', Buffer.from('here'))
      await first.stop()
      await using second = await lab.startNode(keeping)
      const found = await second.api.get('kept')
      assert.equal(Buffer.from(found?.value ?? []).toString(), 'here')
    })

    it('joins nodes through their NATs: each lists, dials and reads the other', async () => {
      const { a, b } = bench
      await using nodeA = await lab.startNode(a)
      await using nodeB = await lab.startNode(b)
      await listEachOther(nodeA, nodeB)
      const outcome = await nodeA.api.dial(`/ip4/${b.publicAddress}/tcp/3000/p2p/${b.peerId}`)
      assert.equal(outcome.ok, true, outcome.error ?? '')
      await nodeB.api.put('contract', Buffer.from('held'), { replicas: 1 })
      const found = await nodeA.api.get('contract')
      assert.equal(Buffer.from(found?.value ?? []).toString(), 'held')
    })

    it('tells a refused dial from one that a router swallows', async () => {
      const { a, b } = bench
      await using nodeA = await lab.startNode({
        ...a,
        env: { ...a.env, DIAL_ADDRESS_TIMEOUT_MS: '500' },
      })
      await using inside = await lab.startAgent({
        name: 'probe-b',
        network: b.network,
        address: b.address,
        gateway: b.gateway,
      })
      await inside.reset()
      const refused = await nodeA.api.dial(`/ip4/${b.publicAddress}/tcp/3000/p2p/${b.peerId}`)
      assert.deepEqual([refused.ok, refused.kind], [false, 'refused'])
      const swallowed = await nodeA.api.dial(`/ip4/${b.publicAddress}/tcp/3001/p2p/${b.peerId}`)
      assert.deepEqual([swallowed.ok, swallowed.kind], [false, 'timed-out'])
    })

    it('starts no node with settings that make none, and can start it with others', async () => {
      const wrong = { ...bench.a, env: { ...bench.a.env, KAD_MODE: 'sideways' } }
      await assert.rejects(lab.startNode(wrong), /KAD_MODE/)
      await using node = await lab.startNode(bench.a)
      assert.equal(node.name, 'A')
    })

    it('gives an address to one at a time', async () => {
      await using node = await lab.startNode(bench.a)
      await assert.rejects(lab.startNode({ ...bench.b, ...placeOf(bench.a) }))
      assert.equal((await node.api.status()).peerId, bench.a.peerId)
    })

    it('starts no node for a caller who has given up', async () => {
      const signal = AbortSignal.abort()
      await assert.rejects(lab.startNode(bench.a, { signal }), { name: 'AbortError' })
      await using node = await lab.startNode(bench.a)
      assert.equal(node.name, 'A')
    })

    it('stays where what was left is removed, and where another lab of its scenario stops', async () => {
      await using other = await Bench.start(fabric)
      assert.notEqual(lab.id, other.lab.id)
      await fabric.clean({ kept: false })
      await using first = await lab.startNode(bench.a)
      const second = await other.lab.startNode(other.a)
      assert.equal(first.name, second.name)
      assert.equal((await second.api.status()).peerId, other.a.peerId)
      await other.lab.stop()
      await other.lab.stop()
      await assert.rejects(other.lab.startNode(other.a))
      assert.ok(other.heard.events.every((event) => event.type !== 'node-exit'))
      assert.equal((await first.api.status()).peerId, bench.a.peerId)
    })

    it('flushes one router, or all, and no other', async () => {
      await lab.flushNat('a-router')
      await lab.flushNat(null)
      await assert.rejects(lab.flushNat('no-router'), /no-router/)
    })

    it('gives a router another NAT: what is open stays open, and what is closed lets nobody in', async () => {
      const { a, b, lab, plan } = bench
      const router = plan.routers.find(({ name }) => name === 'b-router') ?? assert.fail()
      await using nodeA = await lab.startNode({
        ...a,
        env: { ...a.env, DIAL_ADDRESS_TIMEOUT_MS: '1000' },
      })
      await using nodeB = await lab.startNode(b)
      const dialled = async (): Promise<string | null> => {
        const { kind } = await nodeA.api.dial(`/ip4/${b.publicAddress}/tcp/3000/p2p/${b.peerId}`)
        return kind
      }
      assert.equal(await dialled(), null)
      await bench.heard.until(
        () => bench.heard.ofNode('A').some(({ event }) => event === 'connected'),
        `A meets ${nodeB.name}`,
      )
      await lab.changeRouter({ ...router, nat: { ...router.nat, allow: [] } })
      assert.equal(await dialled(), 'timed-out', 'closed')
      assert.notEqual((await nodeA.api.ping(b.peerId)).roundTripMs, null)
      await lab.changeRouter(router)
      assert.equal(await dialled(), null, 'opened again')
      await assert.rejects(lab.changeRouter({ ...router, name: 'no-router' }), /no-router/)
    })

    it('gives a router another address, under which its node is reached, and no more under the former one', async () => {
      if (!fabricFacts(fabric.name).readdresses) return
      const { a, b, lab, plan } = bench
      const router = plan.routers.find(({ name }) => name === 'b-router') ?? assert.fail()
      const [pair] = router.nat.oneToOne
      assert.ok(pair)
      const { subnet } = plan.networks.find(({ name }) => name === 'internet') ?? assert.fail()
      const known = new Set(plan.routers.map(({ wan }) => wan.address))
      const [address = ''] = lastFreeAddresses(subnet, known, 1)
      await using nodeA = await lab.startNode({
        ...a,
        env: { ...a.env, DIAL_ADDRESS_TIMEOUT_MS: '1000' },
      })
      await using nodeB = await lab.startNode(b)
      const dialled = async (host: string): Promise<string | null> => {
        const { kind } = await nodeA.api.dial(`/ip4/${host}/tcp/3000/p2p/${b.peerId}`)
        return kind
      }
      assert.equal(await dialled(b.publicAddress), null)
      await lab.changeRouter({
        ...router,
        wan: { ...router.wan, address },
        nat: { ...router.nat, oneToOne: [{ ...pair, public: address }] },
      })
      assert.equal(await dialled(b.publicAddress), 'timed-out')
      assert.equal(await dialled(address), null, `${nodeB.name} at its new address`)
      const back = await nodeB.api.dial(`/ip4/${a.publicAddress}/tcp/3000/p2p/${a.peerId}`)
      assert.equal(back.kind, null)
      await lab.changeRouter(router)
      assert.equal(await dialled(b.publicAddress), null)
    })

    it('blocks what one node sends to another, by the way that is asked for, over a restart too', async () => {
      const { a, b, lab } = bench
      const way = { from: 'A', to: 'B', port: null }
      if (!fabricFacts(fabric.name).blocks) {
        await assert.rejects(lab.block([{ ...way, by: 'drop' }]), FabricError)
        return
      }
      await using nodeA = await lab.startNode({
        ...a,
        env: { ...a.env, DIAL_ADDRESS_TIMEOUT_MS: '500' },
      })
      const first = await lab.startNode(b)
      const dialled = async (): Promise<string | null> => {
        const { kind } = await nodeA.api.dial(`/ip4/${b.publicAddress}/tcp/3000/p2p/${b.peerId}`)
        return kind
      }
      assert.equal(await dialled(), null)
      for (const [by, kind] of [
        ['drop', 'timed-out'],
        ['reset', 'refused'],
        ['icmp', 'no-route'],
      ] as const) {
        await lab.block([{ ...way, by }])
        assert.equal(await dialled(), kind, by)
      }
      await lab.block([{ ...way, by: 'drop', port: { protocol: 'tcp', port: 3001 } }])
      assert.equal(await dialled(), null, 'another port')
      await lab.block([{ from: 'B', to: 'A', by: 'drop', port: { protocol: 'tcp', port: 3000 } }])
      assert.equal(await dialled(), 'timed-out', 'what answers')
      await lab.block([{ ...way, by: 'reset' }])
      await first.stop()
      await using second = await lab.startNode(b)
      assert.equal(await dialled(), 'refused', `${second.name} started again`)
      await lab.block([])
      assert.equal(await dialled(), null)
    })

    it('gives a network another link in mid-run', async () => {
      const { a, b, lab, plan } = bench
      const link = { latencyMs: 2000, jitterMs: 0, rateBps: null, loss: 0 }
      if (!fabricFacts(fabric.name).shapes) {
        await assert.rejects(lab.shape(b.network, link), FabricError)
        return
      }
      const before = plan.networks.find(({ name }) => name === b.network)?.link ?? assert.fail()
      await using nodeA = await lab.startNode({
        ...a,
        env: { ...a.env, DIAL_ADDRESS_TIMEOUT_MS: '1000' },
      })
      await using nodeB = await lab.startNode(b)
      await listEachOther(nodeA, nodeB)
      const dialled = async (): Promise<string | null> =>
        (await nodeA.api.dial(`/ip4/${b.publicAddress}/tcp/3000/p2p/${b.peerId}`)).kind
      assert.equal(await dialled(), null)
      await lab.shape(b.network, link)
      assert.equal(await dialled(), 'timed-out')
      await lab.shape(b.network, before)
      assert.equal(await dialled(), null)
      await assert.rejects(lab.shape('no-network', link), /no-network/)
    })

    it("tells a router's state as text", async () => {
      const files = await lab.routerState('a-router')
      assert.ok(Object.keys(files).length > 0)
      for (const [file, text] of Object.entries(files)) {
        assert.match(file, /^[\w.-]+$/)
        assert.equal(typeof text, 'string')
      }
      await assert.rejects(lab.routerState('no-router'), /no-router/)
    })
  })

  describe(`${name}: a kept lab`, () => {
    const fabric = createFabric()

    it('is what its handle leaves behind, unless it is kept', async () => {
      const bench = await Bench.start(fabric)
      try {
        const node = await bench.lab.startNode(bench.a)
        assert.notEqual(await bench.lab.keep(), '')
        await bench.lab[Symbol.asyncDispose]()
        assert.equal((await node.api.status()).peerId, bench.a.peerId)
      } finally {
        await bench.lab.stop()
      }
    })
  })
}

function kinds(events: NodeEvent[]): string[] {
  return events.map((event) => event.event)
}

function placeOf({ network, address, gateway }: NodePlan) {
  return { network, address, gateway }
}

/** An address of the internet that nothing in the plan has. */
function freeAddressOnInternet(plan: Plan): string {
  const subnet = plan.networks[0]?.subnet
  assert.ok(subnet)
  return subnet.replace(/\.\d+\/\d+$/, '.200')
}
