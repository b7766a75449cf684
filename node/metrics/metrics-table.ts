import { REFUSALS } from '../base/refusals.ts'

/** One metric of the node itself; the docs' table is made from it. libp2p's own are in its documentation. */
export interface MetricRow {
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram's buckets, in the unit of its name. */
  readonly buckets?: readonly number[]
}

/** From one round trip on a LAN to the longest query, each about twice the one before. */
const SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const

/** Every metric that a node has beside libp2p's, in base units. Names are stable: dashboards and alerts carry them. */
export const METRICS_TABLE = {
  kadlab_node_info: {
    type: 'gauge',
    help: 'Always 1; says who the node is. peer is its own peer id.',
    labels: ['peer', 'agent', 'protocol', 'scope'],
  },
  kadlab_mode: {
    type: 'gauge',
    help: '1 for the Kademlia mode that the node is in, 0 for the other.',
    labels: ['mode'],
  },
  kadlab_ready: {
    type: 'gauge',
    help: '1 where the node listens, has joined and (with bootstrap peers) lists someone.',
    labels: [],
  },
  kadlab_joined: {
    type: 'gauge',
    help: '1 where a bootstrap peer is connected, or none is configured.',
    labels: [],
  },
  kadlab_announced_address_info: {
    type: 'gauge',
    help: 'Always 1; one for each address that the node announces. public is yes or no, by the ranges of libp2p.',
    labels: ['address', 'public'],
  },
  kadlab_connections: { type: 'gauge', help: 'Open connections.', labels: [] },
  kadlab_routing_table_peers: { type: 'gauge', help: 'Peers in the routing table.', labels: [] },
  kadlab_peers: {
    type: 'gauge',
    help: 'Known peers by rung of the ladder and by cause; cause is empty on the top rung.',
    labels: ['rung', 'cause'],
  },
  kadlab_peer_listed: {
    type: 'gauge',
    help: '1 for each peer that this node lists, 0 for each that is connected, or was dialled back, and is not listed.',
    labels: ['peer'],
  },
  kadlab_peer_dialable: {
    type: 'gauge',
    help: '1 for each peer whose announced address answered a dial-back, 0 where none did; absent where none was tried.',
    labels: ['peer'],
  },
  kadlab_dial_backs_total: {
    type: 'counter',
    help: 'Dial-backs by result: ok, or the kind of the dial error.',
    labels: ['result'],
  },
  kadlab_rpc_duration_seconds: {
    type: 'histogram',
    help: 'Kademlia messages by direction, type and result (ok, error): outbound until the answer came, inbound until it was made.',
    labels: ['direction', 'type', 'result'],
    buckets: SECONDS,
  },
  kadlab_store_duration_seconds: {
    type: 'histogram',
    help: 'Calls of the store by operation and result: ok, none (a get that found nothing) or error.',
    labels: ['operation', 'result'],
    buckets: SECONDS,
  },
  kadlab_put_replicas: {
    type: 'histogram',
    help: 'Other peers that stored a record, for each put, those that failed with too few too.',
    labels: [],
    buckets: [0, 1, 2, 3, 5, 8, 12, 16, 20],
  },
  kadlab_records: { type: 'gauge', help: 'Value records that this node holds.', labels: [] },
  kadlab_provider_records: {
    type: 'gauge',
    help: 'Provider records of others that this node holds.',
    labels: [],
  },
  kadlab_records_refused_total: {
    type: 'counter',
    help: 'Records, of values and of providers, that this node did not store, by why: it is full, or the peer writes too many a second.',
    labels: ['why'],
  },
  kadlab_refused_total: {
    type: 'counter',
    help: `What this node refused strangers, by what: ${Object.entries(REFUSALS)
      .map(([what, about]) => `${what} (${about})`)
      .join('; ')}.`,
    labels: ['what'],
  },
  kadlab_api_refused_total: {
    type: 'counter',
    help: 'Requests to the HTTP API that were refused before any call was made, by the code of the problem.',
    labels: ['why'],
  },
  kadlab_api_errors_total: {
    type: 'counter',
    help: 'Calls of the API that failed, by call and name of the error: Error where it has no stable name.',
    labels: ['call', 'error'],
  },
} as const satisfies Record<string, MetricRow>

export type MetricName = keyof typeof METRICS_TABLE

/**
 * Errors that are told apart, by whose fault they are; whatever else is thrown counts as `Error`. An alert and the
 * dashboards leave out what callers did wrong.
 */
export const API_ERRORS = {
  node: ['StoreError', 'UnansweredError', 'AgreementError', 'TimeoutError', 'Error'],
  caller: [
    'BadRequestError',
    'InvalidKeyError',
    'InvalidValueError',
    'InvalidVersionError',
    'NotOwnerError',
    'VersionError',
    'NotFoundError',
    'NotImplementedError',
    'AbortError',
  ],
} as const
