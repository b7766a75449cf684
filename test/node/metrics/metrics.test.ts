import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryDatastore } from 'datastore-core'
import { silentLog } from '#node/base/log.ts'
import { REFUSALS, Refusals } from '#node/base/refusals.ts'
import { parseConfig } from '#node/config/config.ts'
import type { NodeEvent } from '#node/events/node-event.ts'
import type { Cause } from '#node/judgement/causes.ts'
import { DIAL_ERROR_KINDS } from '#node/judgement/dial-error.ts'
import type { Sighting } from '#node/judgement/sighting.ts'
import type { RpcReport } from '#node/kad/client.ts'
import { API_ERRORS, METRICS_TABLE } from '#node/metrics/metrics-table.ts'
import { createMetrics, type NodeMetrics } from '#node/metrics/metrics.ts'
import { createNode, type KadlabNode } from '#node/node.ts'
import { createFakeApi, FAKE_STATUS } from '#test/node/api/fake-api.ts'
import { addressOf, createLoopbackNode } from '#test/node/loopback-node.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { eventOf, listEachOther } from '#test/support/node-events.ts'

/** A value of a page of metrics; undefined where there is none with this name and these labels. */
function valueOf(
  page: string,
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const line = page.split('\n').find((each) => {
    if (!each.startsWith(`${name} `) && !each.startsWith(`${name}{`)) return false
    return Object.entries(labels).every(([key, value]) => each.includes(`${key}="${value}"`))
  })
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1))
}

/** The series of a page whose names begin so, in order. */
function seriesOf(page: string, ...names: string[]): string[] {
  const lines = page.split('\n')
  return lines.filter((line) => names.some((name) => line.startsWith(name))).toSorted()
}

async function measuredNode(
  seed: number,
  metrics: NodeMetrics,
  libp2pMetrics = false,
): Promise<KadlabNode> {
  const config = parseConfig({
    LISTEN: '/ip4/127.0.0.1/tcp/0',
    ADDRESS_SCOPE: 'any',
    IDENTITY_SEED: seed.toString(16).padStart(2, '0').repeat(32),
  })
  return createNode(config, { log: silentLog, metrics, libp2pMetrics })
}

async function failUnforeseen(): Promise<never> {
  throw new RangeError('of an unforeseen kind')
}

const nobody = { census: async () => ({ sightings: [], others: new Map() }) }

/** A wire on which nothing is asked, and records of which there are none. */
const idle = {
  wire: { onRpc: () => {} },
  records: { count: async () => 0, onRefused: () => {} },
  providerRecords: { count: async () => 0, onRefused: () => {} },
  refusals: new Refusals(),
}

describe('the metrics of a node', () => {
  it('say who it is, what it announces, whom it lists and what it stores', async () => {
    const metrics = createMetrics()
    await using a = await measuredNode(1, metrics)
    await a.start()
    await using b = await createLoopbackNode(2, { BOOTSTRAP: await addressOf(a) })
    await b.start()
    await listEachOther(a, b)
    await a.api.put('x', new Uint8Array(1))
    await a.api.get('nothing')
    await assert.rejects(a.api.put('y', new Uint8Array(1), { replicas: 5 }))
    await a.api.discovery({ dialBack: true })
    await eventOf(a, 'dialled-back')

    const page = await metrics.metrics()
    const value = (name: string, labels?: Record<string, string>): number | undefined =>
      valueOf(page, name, labels)
    assert.equal(value('kadlab_node_info', { peer: a.peerId, scope: 'any' }), 1)
    assert.equal(value('kadlab_mode', { mode: 'server' }), 1)
    assert.equal(value('kadlab_mode', { mode: 'client' }), 0)
    assert.equal(value('kadlab_ready'), 1)
    assert.equal(value('kadlab_routing_table_peers'), 1)
    assert.equal(page.match(/kadlab_announced_address_info\{/g)?.length, 1)
    assert.equal(value('kadlab_announced_address_info', { public: 'no' }), 1)
    assert.equal(value('kadlab_peer_listed', { peer: b.peerId }), 1)
    assert.equal(value('kadlab_peer_dialable', { peer: b.peerId }), 1)
    assert.equal(value('kadlab_peers', { rung: 'dialable', cause: '' }), 1)
    assert.equal(value('kadlab_dial_backs_total', { result: 'ok' }), 1)
    assert.equal(value('kadlab_put_replicas_sum'), 2)
    assert.equal(value('kadlab_put_replicas_count'), 2)
    assert.equal(value('kadlab_records'), 2)
    const count = 'kadlab_store_duration_seconds_count'
    assert.equal(value(count, { operation: 'put', result: 'ok' }), 1)
    assert.equal(value(count, { operation: 'put', result: 'error' }), 1)
    assert.equal(value(count, { operation: 'get', result: 'none' }), 1)
    assert.equal(value('kadlab_api_errors_total', { call: 'put', error: 'StoreError' }), 1)
    const rpcs = { direction: 'outbound', type: 'PUT_VALUE', result: 'ok' }
    assert.equal(value('kadlab_rpc_duration_seconds_count', rpcs), 2)
    const seconds = value('kadlab_rpc_duration_seconds_sum', rpcs) ?? 0
    assert.ok(seconds > 0 && seconds < 10, `${seconds}`)
    await b.api.get('other')
    const inbound = { direction: 'inbound', type: 'GET_VALUE', result: 'ok' }
    assert.ok(
      (valueOf(await metrics.metrics(), 'kadlab_rpc_duration_seconds_count', inbound) ?? 0) > 0,
    )
  })

  it('say how many provider records it holds for others, and has refused', async () => {
    const metrics = createMetrics()
    const datastore = new MemoryDatastore()
    const put = datastore.put.bind(datastore)
    const written = Promise.withResolvers<void>()
    datastore.put = (key, value) => {
      if (key.toString().startsWith('/dht/provider/')) written.resolve()
      return put(key, value)
    }
    const env = { LISTEN: '/ip4/127.0.0.1/tcp/0', ADDRESS_SCOPE: 'any', MAX_PROVIDER_RECORDS: '1' }
    await using a = await createNode(parseConfig(env), { log: silentLog, metrics, datastore })
    await a.start()
    await using b = await createLoopbackNode(2, { BOOTSTRAP: await addressOf(a) })
    await b.start()
    await listEachOther(a, b)
    await b.api.provide('x')
    await written.promise
    assert.equal(valueOf(await metrics.metrics(), 'kadlab_provider_records'), 1)
  })

  it('count each kind of refusal, from zero', async () => {
    const metrics = createMetrics()
    const api = createFakeApi()
    const refusals = new Refusals()
    metrics.measure({ api, observer: nobody, ...idle, refusals, now: () => 0 })
    refusals.note('addresses')
    refusals.note('addresses')
    const page = await metrics.registry.metrics()
    for (const what of Object.keys(REFUSALS)) {
      const expected = what === 'addresses' ? 2 : 0
      assert.equal(valueOf(page, 'kadlab_refused_total', { what }), expected, what)
    }
    api.log.end()
  })

  it('are those of the table', async () => {
    const metrics = createMetrics()
    await using _node = await measuredNode(1, metrics)
    const described = await metrics.registry.getMetricsAsJSON()
    assert.deepEqual(
      new Set(described.map(({ name, type, help }) => `${name} ${type} ${help}`)),
      new Set(
        Object.entries(METRICS_TABLE).map(([name, row]) => `${name} ${row.type} ${row.help}`),
      ),
    )
  })

  it('count from zero what an alert or a panel waits for, so that the first one is a rise', async () => {
    const metrics = createMetrics()
    const fake = createFakeApi({ status: failUnforeseen })
    const api = metrics.measure({ api: fake, observer: nobody, ...idle, now: () => 0 })
    const first = await metrics.registry.metrics()
    const name = 'kadlab_api_errors_total'
    const calls = Object.keys(fake).filter(
      (call) => !['log', 'hanging', 'events', 'watch'].includes(call),
    )
    for (const call of calls) {
      for (const error of API_ERRORS.node) assert.equal(valueOf(first, name, { call, error }), 0)
    }
    for (const result of ['ok', ...DIAL_ERROR_KINDS]) {
      assert.equal(valueOf(first, 'kadlab_dial_backs_total', { result }), 0)
    }
    assert.deepEqual(seriesOf(first, 'kadlab_store_duration_seconds_count'), [
      'kadlab_store_duration_seconds_count{operation="get",result="error"} 0',
      'kadlab_store_duration_seconds_count{operation="get",result="none"} 0',
      'kadlab_store_duration_seconds_count{operation="get",result="ok"} 0',
      'kadlab_store_duration_seconds_count{operation="provide",result="error"} 0',
      'kadlab_store_duration_seconds_count{operation="provide",result="ok"} 0',
      'kadlab_store_duration_seconds_count{operation="providers",result="error"} 0',
      'kadlab_store_duration_seconds_count{operation="providers",result="ok"} 0',
      'kadlab_store_duration_seconds_count{operation="put",result="error"} 0',
      'kadlab_store_duration_seconds_count{operation="put",result="ok"} 0',
    ])
    await assert.rejects(api.status(), RangeError)
    const second = await metrics.registry.metrics()
    assert.equal(valueOf(second, name, { call: 'status', error: 'Error' }), 1)
    assert.doesNotMatch(second, /RangeError/)
    fake.log.end()
  })

  it('tell public addresses from private ones, and forget those that are announced no more', async () => {
    const metrics = createMetrics()
    const announced = ['/ip4/11.0.0.1/tcp/3000', '/ip4/10.0.0.1/tcp/3000']
    const api = createFakeApi({ status: async () => ({ ...FAKE_STATUS, announced }) })
    metrics.measure({ api, observer: nobody, ...idle, now: () => 0 })
    const before = await metrics.metrics()
    const name = 'kadlab_announced_address_info'
    assert.equal(valueOf(before, name, { address: '/ip4/11.0.0.1/tcp/3000', public: 'yes' }), 1)
    assert.equal(valueOf(before, name, { address: '/ip4/10.0.0.1/tcp/3000', public: 'no' }), 1)
    announced.pop()
    assert.equal(valueOf(await metrics.metrics(), name, { public: 'no' }), undefined)
    api.log.end()
  })

  it('say how it is at each scrape', async () => {
    const metrics = createMetrics()
    let status = { ...FAKE_STATUS, connections: 7, listed: 4, joined: false, ready: false }
    const api = createFakeApi({ status: async () => status })
    metrics.measure({ api, observer: nobody, ...idle, now: () => 0 })
    const scrape = async (): Promise<string[]> =>
      seriesOf(
        await metrics.metrics(),
        ...['connections', 'routing_table_peers', 'joined', 'ready', 'mode'].map(
          (name) => `kadlab_${name}`,
        ),
      )
    assert.deepEqual(await scrape(), [
      'kadlab_connections 7',
      'kadlab_joined 0',
      'kadlab_mode{mode="client"} 0',
      'kadlab_mode{mode="server"} 1',
      'kadlab_ready 0',
      'kadlab_routing_table_peers 4',
    ])
    status = { ...status, mode: 'client', connections: 0, listed: 2, joined: true }
    assert.deepEqual(await scrape(), [
      'kadlab_connections 0',
      'kadlab_joined 1',
      'kadlab_mode{mode="client"} 1',
      'kadlab_mode{mode="server"} 0',
      'kadlab_ready 0',
      'kadlab_routing_table_peers 2',
    ])
    status = { ...status, ready: true }
    assert.equal(valueOf(await metrics.metrics(), 'kadlab_ready'), 1)
    api.log.end()
  })

  it('say of each peer whether it is listed and dialable, and forget those that have left', async () => {
    const metrics = createMetrics()
    const api = createFakeApi()
    const [fake] = await api.discovery({ targets: ['none'] })
    assert.ok(fake !== undefined)
    const top = { rung: 'dialable', cause: null, evidence: null, remedy: null } as const
    let sightings: Sighting[] = [
      { ...fake, ...top, peerId: 'both', listed: true, dialable: true },
      { ...fake, peerId: 'neither', listed: false, dialable: false },
      { ...fake, peerId: 'untried', listed: null, dialable: null },
    ]
    const observer = { census: async () => ({ sightings, others: new Map() }) }
    metrics.measure({ api, observer, ...idle, now: () => 0 })
    const scrape = async (): Promise<string[]> =>
      seriesOf(await metrics.metrics(), 'kadlab_peers{', 'kadlab_peer_')
    assert.deepEqual(await scrape(), [
      'kadlab_peer_dialable{peer="both"} 1',
      'kadlab_peer_dialable{peer="neither"} 0',
      'kadlab_peer_listed{peer="both"} 1',
      'kadlab_peer_listed{peer="neither"} 0',
      'kadlab_peers{rung="dialable",cause=""} 1',
      'kadlab_peers{rung="speaks-kademlia",cause="ONLY_PRIVATE_ADDRESSES"} 2',
    ])
    sightings = sightings.slice(1, 2)
    assert.deepEqual(await scrape(), [
      'kadlab_peer_dialable{peer="neither"} 0',
      'kadlab_peer_listed{peer="neither"} 0',
      'kadlab_peers{rung="speaks-kademlia",cause="ONLY_PRIVATE_ADDRESSES"} 1',
    ])
    api.log.end()
  })

  it('count dial-backs by how they ended', async () => {
    const metrics = createMetrics()
    const read = Promise.withResolvers<void>()
    const dialledBack = { seq: 1, ms: 0, event: 'dialled-back', peer: 'p', address: 'a' } as const
    const api = createFakeApi({
      events: async function* (options): AsyncGenerator<NodeEvent> {
        assert.equal(options?.since, 0, 'those before it count, too')
        yield { seq: 1, ms: 0, event: 'ready' }
        yield { ...dialledBack, ok: true, kind: null }
        for (const kind of ['refused', 'refused', 'timed-out', null] as const) {
          yield { ...dialledBack, ok: false, kind }
        }
        // Asked for more: the last one was counted.
        read.resolve()
      },
    })
    metrics.measure({ api, observer: nobody, ...idle, now: () => 0 })
    await read.promise
    const series = seriesOf(await metrics.metrics(), 'kadlab_dial_backs_total{')
    assert.deepEqual(
      series.filter((line) => !line.endsWith(' 0')),
      [
        'kadlab_dial_backs_total{result="ok"} 1',
        'kadlab_dial_backs_total{result="other"} 1',
        'kadlab_dial_backs_total{result="refused"} 2',
        'kadlab_dial_backs_total{result="timed-out"} 1',
      ],
    )
    api.log.end()
  })

  it('time the calls of the store in seconds, by result', async () => {
    const metrics = createMetrics()
    const clock = new ManualClock()
    const fake = createFakeApi({
      put: async () =>
        clock.advance(1500).then(() => ({ copies: 1, holders: ['b'], version: null })),
      get: async () => clock.advance(250).then(() => null),
      provide: async () => clock.advance(2000).then(() => ({ told: 1 })),
      providers: async () => clock.advance(500).then(failUnforeseen),
    })
    const api = metrics.measure({
      api: fake,
      observer: nobody,
      ...idle,
      now: () => clock.now(),
    })
    await api.put('x', new Uint8Array(1))
    await api.get('x')
    await api.provide('x')
    await assert.rejects(api.providers('x'), RangeError)
    await api.peers()
    const name = 'kadlab_store_duration_seconds'
    const series = seriesOf(await metrics.metrics(), `${name}_sum`, `${name}_count`)
    const called = series.filter((line) => !line.endsWith(' 0'))
    assert.deepEqual(called, [
      `${name}_count{operation="get",result="none"} 1`,
      `${name}_count{operation="provide",result="ok"} 1`,
      `${name}_count{operation="providers",result="error"} 1`,
      `${name}_count{operation="put",result="ok"} 1`,
      `${name}_sum{operation="get",result="none"} 0.25`,
      `${name}_sum{operation="provide",result="ok"} 2`,
      `${name}_sum{operation="providers",result="error"} 0.5`,
      `${name}_sum{operation="put",result="ok"} 1.5`,
    ])
    fake.log.end()
  })

  it('time Kademlia messages in seconds, and tell those that failed apart', async () => {
    const metrics = createMetrics()
    const api = createFakeApi()
    const listeners: ((report: RpcReport) => void)[] = []
    const wire = { onRpc: (listener: (report: RpcReport) => void) => void listeners.push(listener) }
    metrics.measure({ api, observer: nobody, ...idle, wire, now: () => 0 })
    const reports: RpcReport[] = [
      { direction: 'outbound', type: 'FIND_NODE', ok: true, durationMs: 250 },
      { direction: 'outbound', type: 'PUT_VALUE', ok: false, durationMs: 1500 },
      { direction: 'inbound', type: 'PING', ok: true, durationMs: 500 },
      { direction: 'inbound', type: 'GET_VALUE', ok: false, durationMs: 2000 },
    ]
    for (const listener of listeners) for (const report of reports) listener(report)
    assert.deepEqual(seriesOf(await metrics.metrics(), 'kadlab_rpc_duration_seconds_sum'), [
      'kadlab_rpc_duration_seconds_sum{direction="inbound",type="GET_VALUE",result="error"} 2',
      'kadlab_rpc_duration_seconds_sum{direction="inbound",type="PING",result="ok"} 0.5',
      'kadlab_rpc_duration_seconds_sum{direction="outbound",type="FIND_NODE",result="ok"} 0.25',
      'kadlab_rpc_duration_seconds_sum{direction="outbound",type="PUT_VALUE",result="error"} 1.5',
    ])
    api.log.end()
  })

  it('count peers that were merely named to it, and have no series for each', async () => {
    const metrics = createMetrics()
    const api = createFakeApi()
    const near = await api.discovery({ targets: ['near'] })
    const others = new Map<Cause, number>([
      ['NEVER_DIALLED', 10_000],
      ['DIAL_REFUSED', 3],
    ])
    const observer = { census: async () => ({ sightings: near, others }) }
    metrics.measure({ api, observer, ...idle, now: () => 0 })
    const page = await metrics.metrics()
    const peers = page.split('\n').filter((line) => /^kadlab_peers?(_listed)?\{/.test(line))
    assert.deepEqual(peers.toSorted(), [
      'kadlab_peer_listed{peer="near"} 0',
      'kadlab_peers{rung="speaks-kademlia",cause="ONLY_PRIVATE_ADDRESSES"} 1',
      'kadlab_peers{rung="unknown",cause="DIAL_REFUSED"} 3',
      'kadlab_peers{rung="unknown",cause="NEVER_DIALLED"} 10000',
    ])
    api.log.end()
  })

  it('of two nodes in one process do not meet, and libp2p adds its own where told to', async () => {
    const [one, other] = [createMetrics(), createMetrics()]
    await using a = await measuredNode(1, one, true)
    await using b = await measuredNode(2, other)
    const pages = await Promise.all([one.metrics(), other.metrics()])
    assert.equal(valueOf(pages[0], 'kadlab_node_info', { peer: a.peerId }), 1)
    assert.equal(valueOf(pages[0], 'kadlab_node_info', { peer: b.peerId }), undefined)
    assert.equal(valueOf(pages[1], 'kadlab_node_info', { peer: b.peerId }), 1)
    assert.match(pages[0], /^libp2p_/m)
    assert.match(pages[0], /^process_cpu/m)
    assert.doesNotMatch(pages[1], /^libp2p_/m)
  })
})
