import type { Question, SimulatedCase } from './promtool-file.ts'
import {
  announced,
  announceNo,
  changed,
  dialable,
  dialledBack,
  failed,
  healthy,
  info,
  listed,
  mode,
  named,
} from './simulated-cluster.ts'

/** What panels show of a cluster after five minutes. */
export interface PanelCase extends SimulatedCase {
  /** Values by their labels, by panel and letter. */
  shown: Readonly<Record<string, Question['answer']>>
  /** The node whose dashboard is looked at. Default: home. */
  of?: string
  /** The labels that a panel's legend is made of, where a series has more. */
  by?: readonly string[]
}

/** Numbers that are green at 0. */
const FAULTS = {
  down: 'kadlab-overview: nodes down A',
  notReady: 'kadlab-overview: nodes not ready A',
  unlisted: 'kadlab-overview: servers that nobody lists A',
  unannounced: 'kadlab-overview: servers without a public address A',
  alerts: 'kadlab-overview: alerts firing A',
  failed: 'kadlab-store: failed calls of the API in 5 min A',
}

function faults(counts: Partial<Record<keyof typeof FAULTS, number>>): PanelCase['shown'] {
  const names = Object.keys(FAULTS) as (keyof typeof FAULTS)[]
  return Object.fromEntries(names.map((name) => [FAULTS[name], { '{}': counts[name] ?? 0 }]))
}

/** What each observer says of each target, as the labels of a row. */
function pairs(said: Record<string, Record<string, number>>): Question['answer'] {
  const rows = Object.entries(said).flatMap(([node, targets]) =>
    Object.entries(targets).map(([target, value]): [string, number] => [
      `{node="${node}", target="${target}"}`,
      value,
    ]),
  )
  return Object.fromEntries(rows)
}

const WHO = {
  lists: 'kadlab-discovery: who lists whom A',
  reaches: 'kadlab-discovery: who reaches whom on a fresh connection A',
}

/** Of `home`, a client, only what one node says that lists and reaches it. */
const CLIENT_SHOWN = pairs({
  bootstrap: { 'cloud-a': 0, 'cloud-b': 1, home: 1 },
  'cloud-a': { bootstrap: 1, 'cloud-b': 1 },
  'cloud-b': { bootstrap: 1, 'cloud-a': 1 },
  home: { bootstrap: 1, 'cloud-a': 1, 'cloud-b': 1 },
})

/** A peer that nobody scrapes: its end is what it is called by. */
const FRIEND = '12D3KooWSomebody'

/** Two events within five minutes of a node that was not there at first: increase() makes more of them. */
const LATE_AND_TWICE = '_x2 5x3 7x56'

/** Counters of errors as every node has them from its start. */
const NO_ERRORS = { [failed('bootstrap', 'put', 'StoreError')]: '0x60' }

export const PANEL_CASES: readonly PanelCase[] = [
  {
    name: 'the default cluster is green',
    series: { ...healthy(), ...NO_ERRORS },
    shown: faults({}),
  },
  {
    name: 'one node of four that is down is red',
    series: changed(
      { ...healthy(), ...NO_ERRORS },
      {
        [named('up', 'home')]: '1x4 0x56',
        [named('kadlab_ready', 'home')]: '1x4 stale',
        [named('kadlab_ready', 'cloud-b')]: '1x4 0x56',
      },
    ),
    shown: faults({ down: 1, notReady: 2, alerts: 1 }),
  },
  {
    name: 'ANNOUNCE_PUBLIC=no is red where it is meant to be',
    series: { ...announceNo(), ...NO_ERRORS },
    shown: faults({ unlisted: 2, unannounced: 2, alerts: 4 }),
  },
  {
    name: 'a server of a private network needs no public address, and callers may err',
    series: {
      ...changed(healthy(), { [info('cloud-b')]: null, [announced('cloud-b', 'yes')]: null }),
      ...NO_ERRORS,
      [info('cloud-b', 'private')]: '1x60',
      [announced('cloud-b', 'no')]: '1x60',
      [failed('home', 'get', 'InvalidKeyError')]: '0x4 7x56',
    },
    shown: faults({}),
  },
  {
    name: 'a single server is listed by nobody, and green',
    series: {
      ...Object.fromEntries(
        Object.entries(healthy()).filter(
          ([name]) => name.includes('node="bootstrap"') && !name.includes('peer_'),
        ),
      ),
      ...NO_ERRORS,
    },
    shown: faults({}),
  },
  {
    name: 'the first call that failed is red',
    series: { ...healthy(), [failed('bootstrap', 'put', 'StoreError')]: '0x4 1x56' },
    shown: { [FAULTS.failed]: { '{}': 1 } },
  },
  {
    name: 'events are counted whole, and what never happened is not drawn',
    by: ['node', 'call', 'error', 'result'],
    series: {
      ...NO_ERRORS,
      [failed('home', 'get', 'TimeoutError')]: LATE_AND_TWICE,
      [failed('home', 'put', 'StoreError')]: LATE_AND_TWICE,
      [failed('home', 'get', 'NotFoundError')]: LATE_AND_TWICE,
      [dialledBack('home', 'ok')]: LATE_AND_TWICE,
      [dialledBack('home', 'refused')]: '0x60',
      [dialledBack('cloud-a', 'ok')]: '0x60',
    },
    shown: {
      [FAULTS.failed]: { '{}': 4 },
      'kadlab-store: failed calls of the API A': {
        '{node="home", call="get", error="TimeoutError"}': 2,
        '{node="home", call="put", error="StoreError"}': 2,
      },
      'kadlab-discovery: dial-backs A': { '{node="home", result="ok"}': 2 },
      'kadlab-node: dial-backs A': { '{result="ok"}': 2 },
    },
  },
  {
    name: 'a node that joined and is not scraped, or is down, is shown all the same',
    by: ['node', 'target'],
    series: {
      [named('up', 'home')]: '1x60',
      [mode('home', 'client')]: '1x60',
      [info('home')]: '1x60',
      [info('bootstrap')]: '1x4 stale',
      [info('cloud-a')]: '1x60',
      [listed('home', FRIEND)]: '1x60',
      [listed('home', '12D3KooWbootstrap')]: '0x60',
      [listed('home', 'cloud-a')]: '1x60',
      [dialable('home', FRIEND)]: '0x60',
      [dialable('home', 'cloud-a')]: '1x60',
    },
    shown: Object.fromEntries([
      ...['kadlab-discovery: who lists whom A', 'kadlab-node: whom it lists A'].map((panel) => [
        panel,
        {
          '{node="home", target="cloud-a"}': 1,
          '{node="home", target="Somebody"}': 1,
          '{node="home", target="ootstrap"}': 0,
        },
      ]),
      ...[
        'kadlab-discovery: who reaches whom on a fresh connection A',
        'kadlab-node: whom it reaches A',
      ].map((panel) => [
        panel,
        { '{node="home", target="cloud-a"}': 1, '{node="home", target="Somebody"}': 0 },
      ]),
    ]),
  },
  {
    name: 'a client is shown where it is listed or reached, and a server where it is not',
    of: 'bootstrap',
    by: ['node', 'target'],
    series: {
      ...changed(healthy(), {
        [listed('bootstrap', 'home')]: '1x60',
        [listed('bootstrap', 'cloud-a')]: '0x60',
        [dialable('bootstrap', 'cloud-a')]: '0x60',
      }),
      [dialable('bootstrap', 'home')]: '1x60',
      [dialable('cloud-a', 'home')]: '0x60',
    },
    shown: {
      [WHO.lists]: CLIENT_SHOWN,
      [WHO.reaches]: CLIENT_SHOWN,
      'kadlab-node: whom it lists A': pairs({ bootstrap: { 'cloud-a': 0, 'cloud-b': 1, home: 1 } }),
      'kadlab-node: whom it reaches A': pairs({
        bootstrap: { 'cloud-a': 0, 'cloud-b': 1, home: 1 },
      }),
    },
  },
]
