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
