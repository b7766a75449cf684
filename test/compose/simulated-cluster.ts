import { METRICS_TABLE } from '#node/metrics/metrics-table.ts'

/** Series of a simulated cluster in promtool's notation: values by series, a value each `interval`. */
export type Series = Readonly<Record<string, string>>

const SERVERS = ['bootstrap', 'cloud-a', 'cloud-b'] as const
/** Of the gateway, through which nodes are scraped. */
export const API_UP = 'up{instance="api:8080", job="kadlab-api"}'
export const NODES = [...SERVERS, 'home'] as const

/** The name of a series: `kadlab_ready{node="home", ...}`. */
export function named(metric: string, node: string, labels: Record<string, string> = {}): string {
  const all = { ...labels, node, instance: node, job: 'kadlab' }
  const listed = Object.entries(all).map(([name, value]) => `${name}="${value}"`)
  return `${metric}{${listed.join(', ')}}`
}

export const listed = (node: string, peer: string): string =>
  named('kadlab_peer_listed', node, { peer })
export const dialable = (node: string, peer: string): string =>
  named('kadlab_peer_dialable', node, { peer })
export const announced = (node: string, isPublic: 'yes' | 'no'): string =>
  named('kadlab_announced_address_info', node, { address: `/${node}`, public: isPublic })
export const info = (node: string, scope = 'public'): string =>
  named('kadlab_node_info', node, { peer: node, scope })
export const mode = (node: string, name: string): string =>
  named('kadlab_mode', node, { mode: name })
export const failed = (node: string, call: string, error: string): string =>
  named('kadlab_api_errors_total', node, { call, error })
export const refused = (node: string, why: string): string =>
  named('kadlab_records_refused_total', node, { why })
export const refusedStrangers = (node: string, what: string): string =>
  named('kadlab_refused_total', node, { what })
export const refusedRequests = (node: string, why: string): string =>
  named('kadlab_api_refused_total', node, { why })
export const dialledBack = (node: string, result: string): string =>
  named('kadlab_dial_backs_total', node, { result })

/** What `docker compose up` starts, when all is well: each node's peer id is its name, each series `length` values long. */
export function healthy(length = 60): Record<string, string> {
  const series: Record<string, string> = { [API_UP]: `1x${length}` }
  for (const node of NODES) {
    const isServer = node !== 'home'
    const others = NODES.filter((other) => other !== node)
    series[named('up', node)] = `1x${length}`
    series[named('kadlab_ready', node)] = `1x${length}`
    series[named('kadlab_joined', node)] = `1x${length}`
    series[named('process_start_time_seconds', node)] = `1000x${length}`
    series[mode(node, 'server')] = isServer ? `1x${length}` : `0x${length}`
    series[mode(node, 'client')] = isServer ? `0x${length}` : `1x${length}`
    series[info(node)] = `1x${length}`
    series[announced(node, isServer ? 'yes' : 'no')] = `1x${length}`
    series[named('kadlab_routing_table_peers', node)] = isServer ? `2x${length}` : `3x${length}`
    series[named('kadlab_put_replicas_sum', node)] = isServer ? `0+2x${length}` : `0+3x${length}`
    series[named('kadlab_put_replicas_count', node)] = `0+1x${length}`
    for (const peer of others) {
      series[listed(node, peer)] = peer === 'home' ? `0x${length}` : `1x${length}`
      if (peer !== 'home') series[dialable(node, peer)] = `1x${length}`
    }
  }
  return series
}

/** Durations: half of them take `low` seconds at most, the others `high`; both are bounds of buckets, one after the other. */
interface Timed {
  every30s: number
  low: number
  high: number
}

type TimedMetric = 'kadlab_rpc_duration_seconds' | 'kadlab_store_duration_seconds'

const MESSAGES: readonly [direction: string, type: string, result: string, timed: Timed][] = [
  ['outbound', 'FIND_NODE', 'ok', { every30s: 30, low: 0.1, high: 0.25 }],
  ['outbound', 'PUT_VALUE', 'ok', { every30s: 60, low: 0.5, high: 1 }],
  ['inbound', 'FIND_NODE', 'ok', { every30s: 90, low: 1, high: 2.5 }],
  ['inbound', 'PUT_VALUE', 'error', { every30s: 120, low: 5, high: 10 }],
]

const CALLS: readonly [operation: string, result: string, timed: Timed][] = [
  ['put', 'ok', { every30s: 30, low: 0.25, high: 0.5 }],
  ['get', 'ok', { every30s: 60, low: 0.05, high: 0.1 }],
  ['get', 'none', { every30s: 90, low: 0.05, high: 0.1 }],
]

/** What the nodes of a healthy cluster count beside, while they are at work: the same of each, but for the records. */
export function atWork(length = 60): Record<string, string> {
  const series: Record<string, string> = {}
  for (const [index, node] of NODES.entries()) {
    const isServer = node !== 'home'
    series[named('kadlab_connections', node)] = `3x${length}`
    series[named('kadlab_records', node)] = `${index + 2}x${length}`
    series[named('kadlab_provider_records', node)] = `${index + 1}x${length}`
    series[named('kadlab_peers', node, { rung: 'dialable', cause: '' })] =
      `${isServer ? 2 : 3}x${length}`
    if (isServer) {
      const client = { rung: 'identified', cause: 'CLIENT_MODE' }
      series[named('kadlab_peers', node, client)] = `1x${length}`
    } else {
      const unreached = { rung: 'unknown', cause: 'DIAL_TIMED_OUT' }
      series[named('kadlab_peers', node, unreached)] = `4x${length}`
    }
    series[dialledBack(node, 'ok')] = `0+1x${length}`
    series[dialledBack(node, 'refused')] = `0x${length}`
    series[failed(node, 'put', 'StoreError')] = `0+2x${length}`
    series[failed(node, 'put', 'TimeoutError')] = `0x${length}`
    for (const [direction, type, result, timed] of MESSAGES) {
      const labels = { direction, type, result }
      Object.assign(series, durations('kadlab_rpc_duration_seconds', node, labels, timed, length))
    }
    for (const [operation, result, timed] of CALLS) {
      const labels = { operation, result }
      Object.assign(series, durations('kadlab_store_duration_seconds', node, labels, timed, length))
    }
  }
  return series
}

function durations(
  metric: TimedMetric,
  node: string,
  labels: Record<string, string>,
  { every30s, low, high }: Timed,
  length: number,
): Record<string, string> {
  const upTo = (bound: number): number => {
    if (bound < low) return 0
    return bound < high ? every30s / 2 : every30s
  }
  const bounds = [...METRICS_TABLE[metric].buckets, Infinity]
  const buckets = bounds.map((bound): [string, string] => {
    const le = bound === Infinity ? '+Inf' : String(bound)
    return [named(`${metric}_bucket`, node, { ...labels, le }), `0+${upTo(bound)}x${length}`]
  })
  const count = named(`${metric}_count`, node, labels)
  return { ...Object.fromEntries(buckets), [count]: `0+${every30s}x${length}` }
}

/** Changes of series that are there; null takes one away. */
export function changed(
  series: Series,
  changes: Record<string, string | null>,
): Record<string, string> {
  const result: Record<string, string> = { ...series }
  for (const [name, values] of Object.entries(changes)) {
    if (result[name] === undefined) throw new Error(`there is no series ${name} to change`)
    if (values === null) delete result[name]
    else result[name] = values
  }
  return result
}

/** The bootstrap node alone: it puts nothing, and there is nobody of whom it could say anything. */
export function singleServer(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(healthy()).filter(
      ([name]) => name.includes('node="bootstrap"') && !/replicas|peer_/.test(name),
    ),
  )
}

/** A healthy cluster of which cloud-b has private addresses only, as ADDRESS_SCOPE=private lets it. */
export function withPrivateServer(): Record<string, string> {
  return {
    ...changed(healthy(), { [info('cloud-b')]: null, [announced('cloud-b', 'yes')]: null }),
    [info('cloud-b', 'private')]: '1x60',
    [announced('cloud-b', 'no')]: '1x60',
  }
}

/** As the nodes of `ANNOUNCE_PUBLIC=no` say it: only the bootstrap node is listed, by everybody else. */
export function announceNo(): Record<string, string> {
  const series = healthy()
  for (const cloud of ['cloud-a', 'cloud-b']) {
    delete series[announced(cloud, 'yes')]
    series[announced(cloud, 'no')] = '1x60'
    series[listed('bootstrap', cloud)] = '0x60'
    delete series[listed(cloud, 'home')]
    for (const node of NODES) {
      delete series[dialable(node, cloud)]
      if (node !== 'bootstrap') delete series[listed(node, cloud)]
    }
  }
  for (const node of NODES) {
    const count = node === 'bootstrap' ? 0 : 1
    series[named('kadlab_routing_table_peers', node)] = `${count}x60`
    series[named('kadlab_put_replicas_sum', node)] = '0x60'
    series[named('kadlab_put_replicas_count', node)] = '0x60'
  }
  return series
}
