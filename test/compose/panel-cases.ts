import type { Question, SimulatedCase } from './promtool-file.ts'
import {
  announceNo,
  atWork,
  changed,
  dialable,
  dialledBack,
  failed,
  healthy,
  info,
  listed,
  mode,
  named,
  NODES,
  refused,
  refusedRequests,
  refusedStrangers,
  singleServer,
  withPrivateServer,
} from './simulated-cluster.ts'

/** What panels show of a cluster after five minutes. */
export interface PanelCase extends SimulatedCase {
  /** Values by the labels that the panel shows, by panel and letter; to the thousandth. */
  shown: Readonly<Record<string, Question['answer']>>
  /** The node whose dashboard is looked at. Default: home. */
  of?: string
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

/** What each observer says of each target. */
type Said = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Answers with one label, by its values. */
function by(label: string, values: Readonly<Record<string, number>>): Question['answer'] {
  const answer = Object.entries(values).map(([value, shown]) => [`{${label}="${value}"}`, shown])
  return Object.fromEntries(answer)
}

function byPair(said: Said): Question['answer'] {
  const rows = Object.entries(said).flatMap(([node, targets]) =>
    Object.entries(targets).map(([target, value]) => [
      `{node="${node}", target="${target}"}`,
      value,
    ]),
  )
  return Object.fromEntries(rows)
}

function lists(said: Said, node: string): PanelCase['shown'] {
  return {
    'kadlab-discovery: who lists whom A': byPair(said),
    'kadlab-node: whom it lists A': by('target', said[node] ?? {}),
  }
}

function reaches(said: Said, node: string): PanelCase['shown'] {
  return {
    'kadlab-discovery: who reaches whom on a fresh connection A': byPair(said),
    'kadlab-node: whom it reaches A': by('target', said[node] ?? {}),
  }
}

/** As it is when all is well: nobody lists `home`, a client. */
const ALL_SHOWN: Said = {
  bootstrap: { 'cloud-a': 1, 'cloud-b': 1 },
  'cloud-a': { bootstrap: 1, 'cloud-b': 1 },
  'cloud-b': { bootstrap: 1, 'cloud-a': 1 },
  home: { bootstrap: 1, 'cloud-a': 1, 'cloud-b': 1 },
}

const CLIENT_SHOWN: Said = { ...ALL_SHOWN, bootstrap: { 'cloud-a': 0, 'cloud-b': 1, home: 1 } }

const HOME = '{node="home", instance="home", job="kadlab"}'

function ofEach(value: number): Question['answer'] {
  return by('node', Object.fromEntries(NODES.map((node) => [node, value])))
}

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
    name: 'every panel of a cluster at work',
    series: { ...healthy(), ...atWork() },
    shown: {
      ...lists(ALL_SHOWN, 'home'),
      ...reaches(ALL_SHOWN, 'home'),
      'kadlab-discovery: peers by rung A': by('rung', { dialable: 9, identified: 3, unknown: 4 }),
      'kadlab-discovery: peers by cause A': by('cause', { CLIENT_MODE: 3, DIAL_TIMED_OUT: 4 }),
      'kadlab-discovery: dial-backs A': Object.fromEntries(
        NODES.map((node) => [`{node="${node}", result="ok"}`, 10]),
      ),
      'kadlab-discovery: joined A': ofEach(1),
      'kadlab-discovery: announced addresses A': Object.fromEntries(
        NODES.map((node) => [
          `{node="${node}", address="/${node}", public="${node === 'home' ? 'no' : 'yes'}"}`,
          1,
        ]),
      ),
      'kadlab-discovery: servers and clients A': by('mode', { server: 3, client: 1 }),

      'kadlab-node: ready A': { [HOME]: 1 },
      'kadlab-node: joined A': { [HOME]: 1 },
      'kadlab-node: mode A': by('mode', { client: 1 }),
      'kadlab-node: peers listed A': { [HOME]: 3 },
      'kadlab-node: connections A': { [HOME]: 3 },
      'kadlab-node: records held A': { [HOME]: 5 },
      'kadlab-node: who it is A': { '{node="home", peer="home", scope="public"}': 1 },
      'kadlab-node: what it announces A': { '{address="/home", public="no"}': 1 },
      'kadlab-node: peers by rung and cause A': {
        '{rung="dialable"}': 3,
        '{rung="unknown", cause="DIAL_TIMED_OUT"}': 4,
      },
      'kadlab-node: messages A': {
        '{direction="outbound", type="FIND_NODE"}': 1,
        '{direction="outbound", type="PUT_VALUE"}': 2,
        '{direction="inbound", type="FIND_NODE"}': 3,
        '{direction="inbound", type="PUT_VALUE"}': 4,
      },
      'kadlab-node: message latency, 99 % A': by('direction', { outbound: 0.985, inbound: 9.825 }),
      'kadlab-node: dial-backs A': by('result', { ok: 10 }),

      'kadlab-overview: nodes down A': { '{}': 0 },
      'kadlab-overview: nodes not ready A': { '{}': 0 },
      'kadlab-overview: servers A': { '{}': 3 },
      'kadlab-overview: ready A': ofEach(1),
      'kadlab-overview: listed by how many nodes A': by('node', {
        bootstrap: 3,
        'cloud-a': 3,
        'cloud-b': 3,
        home: 0,
      }),
      'kadlab-overview: peers in the routing table A': { ...ofEach(2), ...by('node', { home: 3 }) },
      'kadlab-overview: open connections A': ofEach(3),
      'kadlab-overview: Kademlia messages A': Object.fromEntries(
        NODES.flatMap((node) => [
          [`{node="${node}", direction="outbound"}`, 3],
          [`{node="${node}", direction="inbound"}`, 7],
        ]),
      ),
      'kadlab-overview: store calls A': {
        '{operation="put", result="ok"}': 4,
        '{operation="get", result="ok"}': 8,
        '{operation="get", result="none"}': 12,
      },
      'kadlab-overview: nodes A': Object.fromEntries(
        NODES.map((node) => [`{node="${node}", peer="${node}", scope="public"}`, 1]),
      ),

      'kadlab-store: replicas of a put, on average A': { '{}': 2.25 },
      'kadlab-store: records held, all nodes A': { '{}': 14 },
      'kadlab-store: puts A': { '{}': 40 },
      'kadlab-store: store latency, median A': by('operation', { put: 0.25, get: 0.05 }),
      'kadlab-store: store latency, 99 % A': by('operation', { put: 0.495, get: 0.099 }),
      'kadlab-store: message latency, median A': by('type', { FIND_NODE: 0.1, PUT_VALUE: 0.5 }),
      'kadlab-store: message latency, 99 % A': by('type', { FIND_NODE: 0.247, PUT_VALUE: 0.99 }),
      'kadlab-store: messages served A': {
        '{type="FIND_NODE", result="ok"}': 12,
        '{type="PUT_VALUE", result="error"}': 16,
      },
      'kadlab-store: replicas per put A': { ...ofEach(2), ...by('node', { home: 3 }) },
      'kadlab-store: records held A': by('node', {
        bootstrap: 2,
        'cloud-a': 3,
        'cloud-b': 4,
        home: 5,
      }),
      'kadlab-store: records held B': by('node', {
        bootstrap: 1,
        'cloud-a': 2,
        'cloud-b': 3,
        home: 4,
      }),
      [FAULTS.failed]: { '{}': 80 },
      'kadlab-store: failed calls of the API A': Object.fromEntries(
        NODES.map((node) => [`{node="${node}", call="put", error="StoreError"}`, 20]),
      ),
    },
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
    shown: faults({ down: 1, notReady: 2, alerts: 2 }),
  },
  {
    name: 'ANNOUNCE_PUBLIC=no is red where it is meant to be',
    series: { ...announceNo(), ...NO_ERRORS },
    shown: faults({ unlisted: 2, unannounced: 2, alerts: 4 }),
  },
  {
    name: 'a server of a private network needs no public address, and callers may err',
    series: {
      ...withPrivateServer(),
      ...NO_ERRORS,
      [failed('home', 'get', 'InvalidKeyError')]: '0x4 7x56',
    },
    shown: faults({}),
  },
  {
    name: 'a single server is listed by nobody, and green',
    series: { ...singleServer(), ...NO_ERRORS },
    shown: faults({}),
  },
  {
    name: 'the first call that failed is red',
    series: { ...healthy(), [failed('bootstrap', 'put', 'StoreError')]: '0x4 1x56' },
    shown: { [FAULTS.failed]: { '{}': 1 } },
  },
  {
    name: 'events are counted whole, and what never happened is not drawn',
    series: {
      ...NO_ERRORS,
      [failed('home', 'get', 'TimeoutError')]: LATE_AND_TWICE,
      [failed('home', 'put', 'StoreError')]: LATE_AND_TWICE,
      [failed('home', 'get', 'NotFoundError')]: LATE_AND_TWICE,
      [dialledBack('home', 'ok')]: LATE_AND_TWICE,
      [refused('home', 'full')]: LATE_AND_TWICE,
      [refusedStrangers('home', 'addresses')]: LATE_AND_TWICE,
      [refusedStrangers('home', 'connection')]: '0x60',
      [refusedRequests('home', 'BusyError')]: LATE_AND_TWICE,
      [dialledBack('home', 'refused')]: '0x60',
      [dialledBack('cloud-a', 'ok')]: '0x60',
    },
    shown: {
      [FAULTS.failed]: { '{}': 4 },
      'kadlab-store: failed calls of the API A': {
        '{node="home", call="get", error="TimeoutError"}': 2,
        '{node="home", call="put", error="StoreError"}': 2,
      },
      'kadlab-store: records refused A': { '{node="home", why="full"}': 2 },
      'kadlab-discovery: dial-backs A': { '{node="home", result="ok"}': 2 },
      'kadlab-node: dial-backs A': { '{result="ok"}': 2 },
      'kadlab-node: refused to strangers A': { '{what="addresses"}': 2 },
      'kadlab-node: requests refused by the API A': { '{why="BusyError"}': 2 },
    },
  },
  {
    name: 'a node that joined and is not scraped, or is down, is shown all the same',
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
    shown: {
      ...lists({ home: { 'cloud-a': 1, Somebody: 1, ootstrap: 0 } }, 'home'),
      ...reaches({ home: { 'cloud-a': 1, Somebody: 0 } }, 'home'),
    },
  },
  {
    name: 'a client is shown where it is listed or reached, and a server where it is not',
    of: 'bootstrap',
    series: {
      ...changed(healthy(), {
        [listed('bootstrap', 'home')]: '1x60',
        [listed('bootstrap', 'cloud-a')]: '0x60',
        [dialable('bootstrap', 'cloud-a')]: '0x60',
      }),
      [dialable('bootstrap', 'home')]: '1x60',
      [dialable('cloud-a', 'home')]: '0x60',
    },
    shown: { ...lists(CLIENT_SHOWN, 'bootstrap'), ...reaches(CLIENT_SHOWN, 'bootstrap') },
  },
]
