import { API_ERRORS } from '#node/metrics-table.ts'

/** Series of a simulated cluster in promtool's notation: values by series, a value each `interval`. */
export type Series = Readonly<Record<string, string>>

/** A cluster in some state, and which alerts fire when, as `Alert node`. */
export interface AlertCase {
  name: string
  series: Series
  /** Between two values of a series, and between two evaluations. Default: half a minute each. */
  interval?: string
  evaluationInterval?: string
  /** By the time in promtool's notation. */
  firing: Readonly<Record<string, readonly string[]>>
}

const SERVERS = ['bootstrap', 'cloud-a', 'cloud-b'] as const
const NODES = [...SERVERS, 'home'] as const

/** The name of a series: `kadlab_ready{node="home", ...}`. */
function named(metric: string, node: string, labels: Record<string, string> = {}): string {
  const all = { ...labels, node, instance: node, job: 'kadlab' }
  const listed = Object.entries(all).map(([name, value]) => `${name}="${value}"`)
  return `${metric}{${listed.join(', ')}}`
}

const listed = (node: string, peer: string): string => named('kadlab_peer_listed', node, { peer })
const dialable = (node: string, peer: string): string =>
  named('kadlab_peer_dialable', node, { peer })
const announced = (node: string, isPublic: 'yes' | 'no'): string =>
  named('kadlab_announced_address_info', node, { address: `/${node}`, public: isPublic })
const info = (node: string, scope = 'public'): string =>
  named('kadlab_node_info', node, { peer: node, scope })
const mode = (node: string, name: string): string => named('kadlab_mode', node, { mode: name })
const failed = (node: string, call: string, error: string): string =>
  named('kadlab_api_errors_total', node, { call, error })

/** What `docker compose up` starts, when all is well: each node's peer id is its name, each series `length` values long. */
function healthy(length = 60): Record<string, string> {
  const series: Record<string, string> = {}
  for (const node of NODES) {
    const isServer = node !== 'home'
    const others = NODES.filter((other) => other !== node)
    series[named('up', node)] = `1x${length}`
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
function changed(series: Series, changes: Record<string, string | null>): Record<string, string> {
  const result: Record<string, string> = { ...series }
  for (const [name, values] of Object.entries(changes)) {
    if (result[name] === undefined) throw new Error(`there is no series ${name} to change`)
    if (values === null) delete result[name]
    else result[name] = values
  }
  return result
}

/** As the nodes of `ANNOUNCE_PUBLIC=no` say it: only the bootstrap node is listed, by everybody else. */
function announceNo(): Record<string, string> {
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

const PRIVATE = ['cloud-a', 'cloud-b'].map((node) => `KadlabAnnouncesOnlyPrivateAddresses ${node}`)
const UNLISTED = ['cloud-a', 'cloud-b'].map((node) => `KadlabListedByNobody ${node}`)

/** Prometheus does not evaluate at the moment of a scrape: here the two meet every 156 s. */
const BETWEEN_SCRAPES = { interval: '13s', evaluationInterval: '12s' }

export const ALERT_CASES: readonly AlertCase[] = [
  {
    name: 'the default cluster fires nothing',
    series: healthy(),
    firing: { '1m': [], '3m': [], '5m': [], '30m': [] },
  },
  {
    name: 'ANNOUNCE_PUBLIC=no fires the two alerts that are meant for it, for each cloud, and no other',
    series: announceNo(),
    firing: {
      '30s': [],
      '1m30s': PRIVATE,
      '5m': [...PRIVATE, ...UNLISTED],
      '30m': [...PRIVATE, ...UNLISTED],
    },
  },
  {
    name: 'a node that ended is down, and nothing is said of what it was',
    series: changed(healthy(), {
      [named('up', 'cloud-a')]: '1x4 0x56',
      [mode('cloud-a', 'server')]: '1x4 stale',
      [info('cloud-a')]: '1x4 stale',
      [announced('cloud-a', 'yes')]: '1x4 stale',
    }),
    firing: { '3m': [], '5m': ['KadlabNodeDown cloud-a'] },
  },
  {
    name: 'a server that one node no longer lists is listed by others',
    series: changed(healthy(), { [listed('bootstrap', 'cloud-a')]: '0x60' }),
    firing: { '30m': [] },
  },
  {
    name: 'a single server is listed by nobody, which is no fault',
    series: Object.fromEntries(
      Object.entries(healthy()).filter(
        ([name]) => name.includes('node="bootstrap"') && !/replicas|peer_/.test(name),
      ),
    ),
    firing: { '30m': [] },
  },
  {
    name: 'a server that nobody reaches is not dialable',
    series: changed(
      healthy(),
      Object.fromEntries(
        NODES.filter((node) => node !== 'cloud-b').map((node) => [
          dialable(node, 'cloud-b'),
          '1x4 0x56',
        ]),
      ),
    ),
    firing: { '2m30s': [], '5m': ['KadlabNotDialable cloud-b'] },
  },
  {
    name: 'a server that somebody reaches is dialable',
    series: changed(healthy(), { [dialable('home', 'cloud-b')]: '0x60' }),
    firing: { '30m': [] },
  },
  {
    name: 'a routing table shrinks where it loses more than three in ten, until that is how it is',
    series: changed(healthy(), {
      [named('kadlab_routing_table_peers', 'bootstrap')]: '20x9 13x50',
      [named('kadlab_routing_table_peers', 'cloud-a')]: '20x9 15x50',
    }),
    firing: { '6m': [], '9m': ['KadlabRoutingTableShrinking bootstrap'], '25m': [] },
  },
  {
    name: 'what a node listed before it was started anew is no measure, for as long as it is looked at',
    series: changed(healthy(), {
      [named('process_start_time_seconds', 'bootstrap')]: '1000x9 1300x50',
      [named('kadlab_routing_table_peers', 'bootstrap')]: '20x9 2x50',
      [named('process_start_time_seconds', 'cloud-a')]: '1000x9 1300x50',
      [named('kadlab_routing_table_peers', 'cloud-a')]: '20x39 13x20',
    }),
    firing: { '9m': [], '18m': [], '23m': ['KadlabRoutingTableShrinking cloud-a'] },
  },
  {
    name: 'puts reach fewer peers than there are; a node that puts nothing says nothing',
    series: changed(healthy(), {
      [named('kadlab_put_replicas_sum', 'cloud-a')]: '0+1x60',
      [named('kadlab_put_replicas_sum', 'cloud-b')]: '0x60',
      [named('kadlab_put_replicas_count', 'cloud-b')]: '0x60',
    }),
    firing: { '30s': [], '5m': ['KadlabPutsBelowReplicas cloud-a'] },
  },
  {
    ...BETWEEN_SCRAPES,
    name: 'a put that failed is told, and not laid to the charge of good ones ten minutes later',
    series: changed(healthy(140), {
      [named('kadlab_put_replicas_count', 'bootstrap')]: '0x4 1x45 4x88',
      [named('kadlab_put_replicas_sum', 'bootstrap')]: '0x4 0x45 6x88',
    }),
    firing: {
      '3m13s': ['KadlabPutsBelowReplicas bootstrap'],
      '8m11s': [],
      '12m59s': [],
      '13m47s': [],
      '14m35s': [],
    },
  },
  {
    interval: '17s',
    evaluationInterval: '17s',
    name: 'puts that reach every peer that there is are enough, to the last bit',
    series: changed(healthy(120), {
      [named('kadlab_put_replicas_count', 'home')]: '5x10 8x108',
      [named('kadlab_put_replicas_sum', 'home')]: '15x10 24x108',
      // Of a node that Prometheus meets late, and of one that was started anew.
      [named('kadlab_put_replicas_count', 'cloud-a')]: '_x12 7x7 8x118',
      [named('kadlab_put_replicas_sum', 'cloud-a')]: '_x12 3x7 5x118',
      [named('kadlab_put_replicas_count', 'cloud-b')]: '40x15 0x7 1x5 2x108',
      [named('kadlab_put_replicas_sum', 'cloud-b')]: '80x15 0x7 2x5 4x108',
    }),
    firing: { '4m30s': [], '5m': [], '6m': [], '7m': [], '8m': [], '9m': [] },
  },
  {
    name: 'an error of the API, the first one too, is told for five minutes, and an old one no more',
    series: {
      ...healthy(),
      [failed('cloud-a', 'put', 'StoreError')]: '0x4 1x56',
      [failed('cloud-b', 'get', 'Error')]: '3x9 4x51',
      // Prometheus is younger than these.
      [failed('home', 'put', 'StoreError')]: '_x9 4x51',
    },
    firing: {
      '3m': ['KadlabApiErrors cloud-a'],
      '6m': ['KadlabApiErrors cloud-a', 'KadlabApiErrors cloud-b'],
      '20m': [],
    },
  },
  {
    name: "a caller's own errors are not the node's",
    series: {
      ...healthy(),
      ...Object.fromEntries(
        API_ERRORS.caller.map((error) => [failed('home', 'get', error), '0+1x60']),
      ),
    },
    firing: { '6m': [], '20m': [] },
  },
  {
    name: 'a client may be listed by nobody and announce what it likes',
    series: changed(healthy(), {
      [announced('home', 'no')]: null,
      [listed('bootstrap', 'home')]: null,
    }),
    firing: { '30m': [] },
  },
  {
    name: 'a server of a private network announces private addresses, which is no fault',
    series: {
      ...changed(healthy(), { [info('cloud-b')]: null, [announced('cloud-b', 'yes')]: null }),
      [info('cloud-b', 'private')]: '1x60',
      [announced('cloud-b', 'no')]: '1x60',
    },
    firing: { '30m': [] },
  },
]

/** A case as promtool's file of rule tests, which may be JSON; `rules` is a path as promtool sees it. */
export function promtoolFile(rules: string, alertCase: AlertCase): string {
  const { name, series, interval = '30s', evaluationInterval = '30s', firing } = alertCase
  const test = {
    name,
    interval,
    input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
    promql_expr_test: Object.entries(firing).map(([time, alerts]) => ({
      expr: 'count by (alertname, node) (ALERTS{alertstate="firing"})',
      eval_time: time,
      exp_samples: alerts.map((alert) => {
        const [alertname, node] = alert.split(' ')
        return { labels: `{alertname="${alertname}", node="${node}"}`, value: 1 }
      }),
    })),
  }
  return JSON.stringify({
    rule_files: [rules],
    evaluation_interval: evaluationInterval,
    tests: [test],
  })
}
