import {
  apiAddress,
  buildName,
  integer,
  ipAddress,
  listenMultiaddrs,
  oneOf,
  peerNames,
  privateDials,
  protocolId,
  seed,
  tcpMultiaddrs,
  text,
  type ValueSchema,
  yesNo,
} from './values.ts'

/** One variable of the environment: how it is read, and its row in the docs' table. */
export interface Variable<T> {
  readonly schema: ValueSchema<T>
  /** The text that is read where the variable is absent or empty; null where it then stays unset. */
  readonly default: string | null
  /** What the default is where it is no fixed text. */
  readonly defaultNote?: string
  readonly allowed: string
  /** Null where the value counts nothing. */
  readonly unit: 'ms' | 'copies' | 'peers' | 'connections' | null
  readonly doc: string
  /** Its value is never printed. */
  readonly secret?: true
}

const MULTIADDRS = 'multiaddrs over TCP, separated by commas or white space'
const YES_NO = 'yes, no'
const MAX_MS = 86_400_000
const MAX_MS_TEXT = `to ${MAX_MS}`

/** Every variable that a node reads, in the order of the docs. Names are never reused for another meaning. */
export const VARIABLES = {
  LISTEN_PORT: {
    schema: integer(0, 65_535),
    default: '3000',
    allowed: '0 to 65535; 0 takes a free one',
    unit: null,
    doc: 'TCP port on which the node listens, on every interface.',
  },
  LISTEN: {
    schema: listenMultiaddrs,
    default: null,
    defaultNote: '/ip4/0.0.0.0/tcp/LISTEN_PORT',
    allowed: `${MULTIADDRS}, of IP addresses, without a peer id`,
    unit: null,
    doc: 'Addresses to listen on, instead of LISTEN_PORT on every interface.',
  },
  PUBLIC_IP: {
    schema: ipAddress,
    default: null,
    allowed: 'an IPv4 or IPv6 address of one host',
    unit: null,
    doc: 'The address under which the world reaches this node; others are told it, with the ports it listens on, instead of the addresses of its interfaces.',
  },
  ANNOUNCE: {
    schema: tcpMultiaddrs,
    default: null,
    allowed: MULTIADDRS,
    unit: null,
    doc: 'Addresses that others are told, instead of everything else.',
  },
  APPEND_ANNOUNCE: {
    schema: tcpMultiaddrs,
    default: null,
    allowed: MULTIADDRS,
    unit: null,
    doc: 'Addresses that others are told beside the rest.',
  },
  BOOTSTRAP: {
    schema: tcpMultiaddrs,
    default: null,
    allowed: `${MULTIADDRS}; the /p2p/ part may be left out`,
    unit: null,
    doc: 'Peers to join through. The node dials each until it answers, and again whenever the connection ends.',
  },
  JOIN_RETRY_MAX_MS: {
    schema: integer(100, MAX_MS),
    default: '5000',
    allowed: `100 ${MAX_MS_TEXT}`,
    unit: 'ms',
    doc: 'Longest pause between two dials of a bootstrap peer that does not answer; the first pauses are shorter.',
  },
  KAD_MODE: {
    schema: oneOf('server', 'client', 'auto'),
    default: 'server',
    allowed: 'server, client, auto',
    unit: null,
    doc: 'Whether the node serves Kademlia and so can be listed; auto becomes a server once it announces a public address.',
  },
  KAD_PROTOCOL: {
    schema: protocolId,
    default: '/ipfs/kad/1.0.0',
    allowed: 'a protocol id: / and printable ASCII',
    unit: null,
    doc: 'The Kademlia protocol; only peers with the same one list each other.',
  },
  KAD_BUCKET_SIZE: {
    schema: integer(1, 1000),
    default: '20',
    allowed: '1 to 1000',
    unit: 'peers',
    doc: "Kademlia's k: contacts in a bucket, and peers that a record is stored at (replication).",
  },
  KAD_PARALLELISM: {
    schema: integer(1, 100),
    default: '10',
    allowed: '1 to 100',
    unit: 'peers',
    doc: "Kademlia's alpha: peers asked at a time on each path of a query.",
  },
  KAD_DISJOINT_PATHS: {
    schema: integer(1, 100),
    default: null,
    defaultNote: 'KAD_PARALLELISM',
    allowed: '1 to 100',
    unit: null,
    doc: 'Paths of a query that share no peer (S/Kademlia).',
  },
  KAD_QUERY_TIMEOUT_MS: {
    schema: integer(100, MAX_MS),
    default: '30000',
    allowed: `100 ${MAX_MS_TEXT}`,
    unit: 'ms',
    doc: 'Time after which a whole put, get or lookup is given up.',
  },
  KAD_REQUEST_TIMEOUT_MS: {
    schema: integer(100, MAX_MS),
    default: '5000',
    allowed: `100 ${MAX_MS_TEXT}`,
    unit: 'ms',
    doc: 'Longest wait for one peer in a query, its dial included; less where peers have been answering faster.',
  },
  KAD_REFRESH_INTERVAL_MS: {
    schema: integer(1000, MAX_MS),
    default: '300000',
    allowed: `1000 ${MAX_MS_TEXT}`,
    unit: 'ms',
    doc: 'How often the node looks for peers near itself and in each bucket.',
  },
  KAD_EVICT_AFTER_MS: {
    schema: integer(100, MAX_MS),
    default: '10000',
    allowed: `100 ${MAX_MS_TEXT}`,
    unit: 'ms',
    doc: 'Time after which a listed peer that is gone and cannot be dialled leaves the routing table.',
  },
  ADDRESS_SCOPE: {
    schema: oneOf('public', 'private', 'any'),
    default: 'public',
    allowed: 'public, private, any',
    unit: null,
    doc: 'Which addresses of a peer count when it is listed and told of: peers with no such address are not listed.',
  },
  DIAL_PRIVATE: {
    schema: privateDials,
    default: 'auto',
    allowed: 'auto, yes, no, or CIDRs separated by commas',
    unit: null,
    doc: 'Whether private addresses that others announce are dialled; auto: not with ADDRESS_SCOPE=public. Hosts named in BOOTSTRAP always are.',
  },
  DIAL_TIMEOUT_MS: {
    schema: integer(100, MAX_MS),
    default: '10000',
    allowed: `100 ${MAX_MS_TEXT}`,
    unit: 'ms',
    doc: 'Time for dialling a peer, all of its addresses together.',
  },
  DIAL_ADDRESS_TIMEOUT_MS: {
    schema: integer(100, MAX_MS),
    // More than the 3 s after which Linux says of a neighbour that it cannot be reached: the better reason.
    default: '4000',
    allowed: `100 ${MAX_MS_TEXT}`,
    unit: 'ms',
    doc: 'Time for dialling one address of a peer before the next is tried.',
  },
  DIAL_BACK_INTERVAL_MS: {
    schema: integer(1000, MAX_MS),
    default: null,
    defaultNote: 'only where it is asked',
    allowed: `1000 ${MAX_MS_TEXT}`,
    unit: 'ms',
    doc: 'How often the node dials each peer that it lists on a fresh connection, to know whether others could.',
  },
  MAX_CONNECTIONS: {
    schema: integer(1, 100_000),
    default: '1000',
    allowed: '1 to 100000',
    unit: 'connections',
    doc: 'Open connections above which further ones are refused.',
  },
  MAX_CONNECTIONS_PER_SECOND: {
    schema: integer(1, 100_000),
    default: '500',
    allowed: '1 to 100000',
    unit: 'connections',
    doc: 'Inbound connections a second from one address above which they are refused; all peers behind one NAT share it.',
  },
  MAX_PENDING_CONNECTIONS: {
    schema: integer(1, 100_000),
    default: '500',
    allowed: '1 to 100000',
    unit: 'connections',
    doc: 'Inbound connections that may be in their handshake at a time.',
  },
  IDENTITY_FILE: {
    schema: text,
    default: null,
    defaultNote: 'DATA_DIR/identity.pem where DATA_DIR is set, else a new identity each start',
    allowed: 'a path: Ed25519 as PKCS#8 PEM or libp2p protobuf',
    unit: null,
    doc: "The node's private key; written, readable by its owner alone, where the file does not exist.",
  },
  IDENTITY_SEED: {
    schema: seed,
    default: null,
    allowed: '64 hexadecimal digits',
    unit: null,
    doc: "The node's private key as an Ed25519 seed, instead of IDENTITY_FILE.",
    secret: true,
  },
  DATA_DIR: {
    schema: text,
    default: null,
    defaultNote: 'nothing outlives the process',
    allowed: 'a path',
    unit: null,
    doc: 'Folder for records, known peers and the identity.',
  },
  PUT_MIN_COPIES: {
    schema: integer(0, 1000),
    default: '1',
    allowed: '0 to 1000',
    unit: 'copies',
    doc: 'Other peers that must store a record for a put to succeed.',
  },
  API_LISTEN: {
    schema: apiAddress,
    default: null,
    defaultNote: 'no HTTP',
    allowed: 'the path of a unix socket, or host:port',
    unit: null,
    doc: 'Where the HTTP API listens. It has no authentication: keep it on a socket or on loopback.',
  },
  STDIO_API: {
    schema: yesNo,
    default: 'no',
    allowed: YES_NO,
    unit: null,
    doc: 'Answer calls and tell events as JSON lines on standard input and output.',
  },
  METRICS: {
    schema: yesNo,
    default: 'yes',
    allowed: YES_NO,
    unit: null,
    doc: 'Offer Prometheus metrics under /metrics of the HTTP API.',
  },
  METRICS_LISTEN: {
    schema: apiAddress,
    default: null,
    defaultNote: 'nowhere else',
    allowed: 'the path of a unix socket, or host:port',
    unit: null,
    doc: 'Where /metrics, and nothing else of the API, is offered beside API_LISTEN: for a Prometheus on another machine.',
  },
  BUILD: {
    schema: buildName,
    default: null,
    allowed: '1 to 64 letters, digits, dots and hyphens',
    unit: null,
    doc: 'Names what a deployment runs; others are told it in the agent version, as kadlab/<version>+<BUILD>.',
  },
  LOG_LEVEL: {
    schema: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    default: 'info',
    allowed: 'trace, debug, info, warn, error, silent',
    unit: null,
    doc: 'What is logged on standard error; debug and trace include libp2p itself.',
  },
  PEER_NAMES: {
    schema: peerNames,
    default: null,
    allowed: 'name=peer id, separated by commas or white space',
    unit: null,
    doc: 'What the log, the shell and the doctor call these peers, beside or instead of their peer ids.',
  },
  LOG_FORMAT: {
    schema: oneOf('json', 'pretty'),
    default: null,
    defaultNote: 'pretty at a terminal, else json',
    allowed: 'json, pretty',
    unit: null,
    doc: 'One JSON object a line, or text for people.',
  },
} as const satisfies Record<string, Variable<unknown>>

export type VariableName = keyof typeof VARIABLES
