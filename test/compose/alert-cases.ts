import { API_ERRORS } from '#node/metrics/metrics-table.ts'
import type { Question, SimulatedCase } from './promtool-file.ts'
import {
  API_UP,
  announced,
  announceNo,
  changed,
  dialable,
  failed,
  healthy,
  info,
  listed,
  mode,
  named,
  NODES,
  singleServer,
  withPrivateServer,
} from './simulated-cluster.ts'

/** A cluster in some state, and which alerts fire when, as `Alert node`. */
export interface AlertCase extends SimulatedCase {
  /** By the time in promtool's notation. */
  firing: Readonly<Record<string, readonly string[]>>
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
      '1m': PRIVATE,
      '1m30s': PRIVATE,
      '2m': [...PRIVATE, ...UNLISTED],
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
    firing: { '3m': [], '3m30s': ['KadlabNodeDown cloud-a'] },
  },
  {
    name: 'where api does not answer, that is told, and nothing of nodes that may be well',
    series: changed(healthy(), {
      [API_UP]: '1x4 0x56',
      ...Object.fromEntries(NODES.map((node) => [named('up', node), '1x4 0x56'])),
    }),
    firing: { '3m': [], '3m30s': ['KadlabApiDown'], '30m': ['KadlabApiDown'] },
  },
  {
    name: 'a node that is down behind an api that answers is told, and one that is scraped without any',
    series: {
      ...changed(healthy(), { [API_UP]: null, [named('up', 'home')]: '0x60' }),
      'up{job="somebody else\'s", instance="theirs"}': '0x60',
    },
    firing: { '30s': [], '5m': ['KadlabNodeDown home'] },
  },
  {
    name: 'a node that has not joined is told as that, and one that has and lists nobody as not ready',
    series: changed(healthy(), {
      [named('kadlab_joined', 'cloud-a')]: '1x4 0x56',
      [named('kadlab_ready', 'cloud-a')]: '1x4 0x56',
      [named('kadlab_ready', 'cloud-b')]: '1x4 0x56',
    }),
    firing: { '4m': [], '4m30s': ['KadlabNotJoined cloud-a', 'KadlabNotReady cloud-b'] },
  },
  {
    name: 'a server that one node no longer lists is listed by others',
    series: changed(healthy(), { [listed('bootstrap', 'cloud-a')]: '0x60' }),
    firing: { '30m': [] },
  },
  {
    name: 'a single server is listed by nobody, which is no fault',
    series: singleServer(),
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
    firing: { '3m': [], '3m30s': ['KadlabNotDialable cloud-b'] },
  },
  {
    name: 'a server that somebody reaches is dialable',
    series: changed(healthy(), { [dialable('home', 'cloud-b')]: '0x60' }),
    firing: { '30m': [] },
  },
  {
    name: 'a routing table shrinks where it loses more than three in ten, until that is how it is',
    series: changed(healthy(), {
      [named('kadlab_routing_table_peers', 'bootstrap')]: '100x9 69x50',
      [named('kadlab_routing_table_peers', 'cloud-a')]: '100x9 70x50',
    }),
    firing: { '6m30s': [], '7m': ['KadlabRoutingTableShrinking bootstrap'], '25m': [] },
  },
  {
    name: 'what a node listed before it was started anew is no measure, for as long as it is looked at',
    series: changed(healthy(), {
      [named('process_start_time_seconds', 'bootstrap')]: '1000x9 1300x50',
      [named('kadlab_routing_table_peers', 'bootstrap')]: '20x9 2x50',
      [named('process_start_time_seconds', 'cloud-a')]: '1000x9 1300x50',
      [named('kadlab_routing_table_peers', 'cloud-a')]: '100x39 69x20',
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
    firing: { '1m': [], '1m30s': ['KadlabPutsBelowReplicas cloud-a'] },
  },
  {
    name: 'a record is wanted at k = 20 peers, and at no more where there are more',
    series: {
      ...changed(healthy(), {
        ...Object.fromEntries(
          NODES.map((node) => [named('kadlab_put_replicas_count', node), '0x60']),
        ),
        [named('kadlab_put_replicas_count', 'bootstrap')]: '0+1x60',
        [named('kadlab_put_replicas_sum', 'bootstrap')]: '0+20x60',
        [named('kadlab_put_replicas_count', 'cloud-b')]: '0+1x60',
        [named('kadlab_put_replicas_sum', 'cloud-b')]: '0+19x60',
      }),
      ...Object.fromEntries(
        Array.from({ length: 25 }, (_, index) => [mode(`server-${index}`, 'server'), '1x60']),
      ),
    },
    firing: { '5m': ['KadlabPutsBelowReplicas cloud-b'] },
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
      '2m': [],
      '2m30s': ['KadlabApiErrors cloud-a'],
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
    name: 'a client may be listed by nobody, announce what it likes and be dialled in vain',
    series: {
      ...changed(healthy(), {
        [announced('home', 'no')]: null,
        [listed('bootstrap', 'home')]: null,
      }),
      [dialable('bootstrap', 'home')]: '0x60',
    },
    firing: { '30m': [] },
  },
  {
    name: 'a server of a private network announces private addresses, which is no fault',
    series: withPrivateServer(),
    firing: { '30m': [] },
  },
]

/** Which alerts fire, as questions to Prometheus. */
export function questionsOf({ firing }: AlertCase): Question[] {
  return Object.entries(firing).map(([time, alerts]) => ({
    expr: 'count by (alertname, node) (ALERTS{alertstate="firing"})',
    time,
    answer: Object.fromEntries(
      alerts.map((alert) => {
        const [alertname, node] = alert.split(' ')
        const ofNode = node === undefined ? '' : `, node="${node}"`
        return [`{alertname="${alertname}"${ofNode}}`, 1]
      }),
    ),
  }))
}
