import { isPrivate } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { MetricsSource } from '../api/http/app.ts'
import { REFUSED_AT_THE_DOOR } from '../api/http/problem.ts'
import type { NodeApi, NodeCall } from '../api/node-api.ts'
import { REFUSALS, type Refusals } from '../base/refusals.ts'
import type { Observer } from '../discovery/observer.ts'
import { CAUSES } from '../judgement/causes.ts'
import { DIAL_ERROR_KINDS } from '../judgement/dial-error.ts'
import type { KadWire } from '../kad/wire.ts'
import type { StoreError } from '../store/errors.ts'
import type { LocalRecords } from '../store/local-records.ts'
import type { ProviderRecords } from '../store/provider-records.ts'
import { REFUSED_WHY } from '../store/record-room.ts'
import { API_ERRORS, type MetricName, type MetricRow, METRICS_TABLE } from './metrics-table.ts'

/** What is counted. */
export interface MeasuredNode {
  api: NodeApi
  observer: Pick<Observer, 'census'>
  wire: Pick<KadWire, 'onRpc'>
  records: Pick<LocalRecords, 'count' | 'onRefused'>
  providerRecords: ProviderRecords
  refusals: Refusals
  /** Milliseconds. */
  now: () => number
}

/** The metrics of one node. */
export interface NodeMetrics extends MetricsSource {
  readonly registry: Registry
  /** Begins to count, once. Returns the node's API with every call of it counted. */
  measure(node: MeasuredNode): NodeApi
}

/**
 * Metrics in a registry of their own, so that several nodes of one process do not meet. libp2p's may be registered in
 * it too, for one node of a process only (its metrics are global).
 */
export function createMetrics(): NodeMetrics {
  const registry = new Registry()
  let refresh: (() => Promise<void>) | null = null
  let requests: Counter | null = null
  return {
    registry,
    contentType: registry.contentType,
    async metrics() {
      await refresh?.()
      return registry.metrics()
    },
    refused: (why) => requests?.inc({ why }),
    measure(node) {
      const { api } = node
      refresh = addGauges(registry, node)
      const rpc = histogram(registry, 'kadlab_rpc_duration_seconds')
      node.wire.onRpc(({ direction, type, ok, durationMs }) => {
        rpc.observe({ direction, type, result: ok ? 'ok' : 'error' }, durationMs / 1000)
      })
      const refused = counter(registry, 'kadlab_records_refused_total')
      for (const why of REFUSED_WHY) refused.inc({ why }, 0)
      for (const each of [node.records, node.providerRecords]) {
        each.onRefused((why) => refused.inc({ why }))
      }
      requests = counter(registry, 'kadlab_api_refused_total')
      for (const why of REFUSED_AT_THE_DOOR) requests.inc({ why }, 0)
      const strangers = counter(registry, 'kadlab_refused_total')
      for (const what of Object.keys(REFUSALS)) strangers.inc({ what }, 0)
      node.refusals.onRefused((what) => strangers.inc({ what }))
      const dialBacks = counter(registry, 'kadlab_dial_backs_total')
      for (const result of ['ok', ...DIAL_ERROR_KINDS]) dialBacks.inc({ result }, 0)
      void countDialBacks(api, dialBacks)
      return countCalls(registry, node)
    },
  }
}

/** Gauges that are asked of the node anew at each scrape, by what is returned. */
function addGauges(
  registry: Registry,
  { api, observer, records: held, providerRecords }: MeasuredNode,
): () => Promise<void> {
  const info = gauge(registry, 'kadlab_node_info')
  const mode = gauge(registry, 'kadlab_mode')
  const ready = gauge(registry, 'kadlab_ready')
  const joined = gauge(registry, 'kadlab_joined')
  const announced = gauge(registry, 'kadlab_announced_address_info')
  const connections = gauge(registry, 'kadlab_connections')
  const listed = gauge(registry, 'kadlab_routing_table_peers')
  const peers = gauge(registry, 'kadlab_peers')
  const peerListed = gauge(registry, 'kadlab_peer_listed')
  const peerDialable = gauge(registry, 'kadlab_peer_dialable')
  const records = gauge(registry, 'kadlab_records')
  const provided = gauge(registry, 'kadlab_provider_records')

  const setStatus = async (): Promise<void> => {
    const status = await api.status()
    const { peerId, agent, protocol, scope } = status
    info.set({ peer: peerId, agent, protocol, scope }, 1)
    for (const each of ['client', 'server']) mode.set({ mode: each }, each === status.mode ? 1 : 0)
    ready.set(status.ready ? 1 : 0)
    joined.set(status.joined ? 1 : 0)
    connections.set(status.connections)
    listed.set(status.listed)
    announced.reset()
    for (const address of status.announced) {
      announced.set({ address, public: isPrivate(multiaddr(address)) ? 'no' : 'yes' }, 1)
    }
  }
  const setSightings = async (): Promise<void> => {
    const { sightings, others } = await observer.census()
    for (const each of [peers, peerListed, peerDialable]) each.reset()
    for (const { peerId: peer, rung, cause, listed: isListed, dialable } of sightings) {
      peers.inc({ rung, cause: cause ?? '' })
      if (isListed !== null) peerListed.set({ peer }, isListed ? 1 : 0)
      if (dialable !== null) peerDialable.set({ peer }, dialable ? 1 : 0)
    }
    for (const [cause, count] of others) peers.inc({ rung: CAUSES[cause].rung, cause }, count)
  }
  const setRecords = async (): Promise<void> => {
    records.set(await held.count())
    provided.set(await providerRecords.count())
  }
  return async () => {
    await Promise.all([setStatus(), setSightings(), setRecords()])
  }
}

/** The node's API with its errors counted, and its store's calls timed. */
function countCalls(registry: Registry, { api, now }: MeasuredNode): NodeApi {
  const duration = histogram(registry, 'kadlab_store_duration_seconds')
  const replicas = histogram(registry, 'kadlab_put_replicas')
  const errors = counter(registry, 'kadlab_api_errors_total')
  // Prometheus sees no rise where a series begins: from 0, the first error is one, and the first call has a latency.
  for (const call of Object.keys(CALLS)) {
    for (const error of API_ERRORS.node) errors.inc({ call, error }, 0)
  }
  for (const [operation, results] of Object.entries(STORED)) {
    for (const result of results) duration.zero({ operation, result })
  }

  const counted = async <Result>(call: NodeCall, run: () => Promise<Result>): Promise<Result> => {
    try {
      return await run()
    } catch (error) {
      errors.inc({ call, error: nameOf(error) })
      throw error
    }
  }
  const stored = async <Result>(
    operation: keyof typeof STORED,
    run: () => Promise<Result>,
  ): Promise<Result> => {
    const since = now()
    const observe = (result: string): void =>
      duration.observe({ operation, result }, (now() - since) / 1000)
    try {
      const result = await counted(operation, run)
      observe(result === null ? 'none' : 'ok')
      return result
    } catch (error) {
      observe('error')
      throw error
    }
  }

  return {
    status: (options) => counted('status', () => api.status(options)),
    peers: (options) => counted('peers', () => api.peers(options)),
    discovery: (options) => counted('discovery', () => api.discovery(options)),
    put: (key, value, options) =>
      stored('put', async () => {
        try {
          const outcome = await api.put(key, value, options)
          replicas.observe(outcome.copies)
          return outcome
        } catch (error) {
          if (isStoreError(error)) replicas.observe(error.seen)
          throw error
        }
      }),
    get: (key, options) => stored('get', () => api.get(key, options)),
    list: (options) => counted('list', () => api.list(options)),
    delete: (key, options) => counted('delete', () => api.delete(key, options)),
    watch: (key, options) => api.watch(key, options),
    provide: (key, options) => stored('provide', () => api.provide(key, options)),
    providers: (key, options) => stored('providers', () => api.providers(key, options)),
    dial: (address, options) => counted('dial', () => api.dial(address, options)),
    ping: (peerId, options) => counted('ping', () => api.ping(peerId, options)),
    events: (options) => api.events(options),
  }
}

async function countDialBacks(api: NodeApi, dialBacks: Counter): Promise<void> {
  for await (const event of api.events({ since: 0 })) {
    if (event.event === 'dialled-back') {
      dialBacks.inc({ result: event.ok ? 'ok' : (event.kind ?? 'other') })
    }
  }
}

/** Every call once, as the type has it. */
const CALLS: Readonly<Record<NodeCall, true>> = {
  status: true,
  peers: true,
  discovery: true,
  put: true,
  get: true,
  list: true,
  delete: true,
  provide: true,
  providers: true,
  dial: true,
  ping: true,
}

/** Calls of the store that are timed, with what may become of each. */
const STORED = {
  put: ['ok', 'error'],
  get: ['ok', 'none', 'error'],
  provide: ['ok', 'error'],
  providers: ['ok', 'error'],
} as const satisfies Partial<Record<NodeCall, readonly string[]>>

const TOLD_APART: ReadonlySet<string> = new Set([...API_ERRORS.node, ...API_ERRORS.caller])

function nameOf(error: unknown): string {
  return error instanceof Error && TOLD_APART.has(error.name) ? error.name : 'Error'
}

function isStoreError(error: unknown): error is StoreError {
  return error instanceof Error && error.name === 'StoreError'
}

function configurationOf(registry: Registry, name: MetricName) {
  const { help, labels } = METRICS_TABLE[name]
  return { name, help, labelNames: [...labels] as string[], registers: [registry] }
}

function gauge(registry: Registry, name: MetricName): Gauge {
  return new Gauge(configurationOf(registry, name))
}

function counter(registry: Registry, name: MetricName): Counter {
  return new Counter(configurationOf(registry, name))
}

function histogram(registry: Registry, name: MetricName): Histogram {
  const row: MetricRow = METRICS_TABLE[name]
  return new Histogram({ ...configurationOf(registry, name), buckets: [...(row.buckets ?? [])] })
}
