import { ITEM_LIMITS, LARGEST_ITEM } from './item-limits.ts'
import {
  choice,
  count,
  durationMs,
  multiaddrs,
  serverAddress,
  type Variable,
  variable,
  yesNo,
} from './rows.ts'
import {
  bearerToken,
  buildName,
  ipAddress,
  listenMultiaddrs,
  peerNames,
  privateDials,
  protocolId,
  seed,
  text,
} from './values.ts'

/**
 * Every variable that a node reads, in the order of the docs. Names are never reused for another meaning. A row is all
 * that a new one needs: its field in NodeConfig, its type, what is allowed and the docs are made from it.
 */
export const VARIABLES = {
  LISTEN_PORT: count({
    min: 0,
    max: 65_535,
    note: '0 takes a free one',
    default: 3000,
    unit: null,
    doc: 'TCP port on which the node listens, on every interface.',
  }),
  LISTEN: variable(listenMultiaddrs, {
    default: null,
    defaultNote: '/ip4/0.0.0.0/tcp/LISTEN_PORT',
    allowed:
      'multiaddrs over TCP, separated by commas or white space, of IP addresses, without a peer id',
    doc: 'Addresses to listen on, instead of LISTEN_PORT on every interface.',
  }),
  PUBLIC_IP: variable(ipAddress, {
    default: null,
    allowed: 'an IPv4 or IPv6 address of one host',
    doc: 'The address at which the world reaches this node. The node announces it, with the ports it listens on, instead of the addresses of its interfaces.',
  }),
  ANNOUNCE: multiaddrs({
    doc: 'Addresses that the node announces, instead of all others.',
  }),
  APPEND_ANNOUNCE: multiaddrs({
    doc: 'Addresses that the node announces beside the others.',
  }),
  BOOTSTRAP: multiaddrs({
    note: 'the /p2p/ part may be left out',
    doc: 'Peers to join through. The node dials each until it answers, and again whenever the connection ends.',
  }),
  JOIN_RETRY_MAX_MS: durationMs({
    min: 100,
    default: 5000,
    doc: 'Longest pause between two dials of a bootstrap peer that does not answer; the first pauses are shorter.',
  }),
  KAD_MODE: choice(['server', 'client', 'auto'], {
    default: 'server',
    doc: 'Whether the node serves Kademlia and so can be listed; auto becomes a server once it announces a public address.',
  }),
  KAD_PROTOCOL: variable(protocolId, {
    default: '/ipfs/kad/1.0.0',
    allowed: 'a protocol id: / and printable ASCII',
    doc: 'The Kademlia protocol; only peers with the same one list each other.',
  }),
  KAD_BUCKET_SIZE: count({
    min: 1,
    max: 1000,
    default: 20,
    unit: 'peers',
    doc: "Kademlia's k: contacts in a bucket, and peers that a record is stored at (replication).",
  }),
  KAD_PARALLELISM: count({
    min: 1,
    max: 100,
    default: 10,
    unit: 'peers',
    doc: "Kademlia's alpha: peers asked at a time on each path of a query.",
  }),
  KAD_DISJOINT_PATHS: count({
    min: 1,
    max: 100,
    default: null,
    defaultNote: 'KAD_PARALLELISM',
    unit: null,
    doc: 'Paths that share no peer (S/Kademlia) in lookups of neighbours, buckets and providers. A put and a get ask the closest peers that are known, all of them where need be.',
  }),
  KAD_QUERY_TIMEOUT_MS: durationMs({
    min: 100,
    default: 30_000,
    doc: 'Time after which a whole put, get or lookup is given up.',
  }),
  KAD_REQUEST_TIMEOUT_MS: durationMs({
    min: 100,
    default: 5000,
    doc: 'Longest wait for one peer in a query, its dial included; less where peers have been answering faster.',
  }),
  KAD_REFRESH_INTERVAL_MS: durationMs({
    min: 1000,
    default: 300_000,
    doc: 'How often the node looks for peers near itself and in each bucket.',
  }),
  KAD_EVICT_AFTER_MS: durationMs({
    min: 100,
    default: 10_000,
    doc: 'Time after which a listed peer that is gone and cannot be dialled leaves the routing table.',
  }),
  ADDRESS_SCOPE: choice(['public', 'private', 'any'], {
    default: 'public',
    doc: 'Which addresses of a peer count when it is listed and named to others: peers with no such address are not listed.',
  }),
  DIAL_PRIVATE: variable(privateDials, {
    default: 'auto',
    allowed: 'auto, yes, no, or CIDRs separated by commas',
    doc: 'Whether private addresses that others announce are dialled; auto: not with ADDRESS_SCOPE=public. Hosts named in BOOTSTRAP always are.',
  }),
  DIAL_TIMEOUT_MS: durationMs({
    min: 100,
    default: 10_000,
    doc: 'Time for dialling a peer, all of its addresses together.',
  }),
  DIAL_ADDRESS_TIMEOUT_MS: durationMs({
    min: 100,
    // More than the 3 s after which Linux says of a neighbour that it cannot be reached: the better reason.
    default: 4000,
    doc: 'Time for dialling one address of a peer before the next is tried.',
  }),
  DIAL_BACK_INTERVAL_MS: durationMs({
    min: 1000,
    default: null,
    defaultNote: 'only where it is asked',
    doc: 'How often the node dials each peer that it lists on a fresh connection, to know whether others could.',
  }),
  MAX_CONNECTIONS: count({
    min: 1,
    max: 100_000,
    default: 1000,
    unit: 'connections',
    doc: 'Open connections above which further ones are refused.',
  }),
  MAX_CONNECTIONS_PER_SECOND: count({
    min: 1,
    max: 100_000,
    default: 500,
    unit: 'connections',
    doc: 'Inbound connections a second from one address above which they are refused; all peers behind one NAT share it.',
  }),
  MAX_PENDING_CONNECTIONS: count({
    min: 1,
    max: 100_000,
    default: 500,
    unit: 'connections',
    doc: 'Inbound connections that may be in their handshake at a time; half of them from one address, three quarters from one network (/24, /64).',
  }),
  MAX_LISTED_PER_NETWORK: count({
    min: 2,
    max: 100_000,
    default: 128,
    unit: 'peers',
    doc: 'Peers of one network of public addresses (/24, /64) that the node lists; half of them of one address. Private addresses are not bounded.',
  }),
  IDENTITY_FILE: variable(text, {
    default: null,
    defaultNote: 'DATA_DIR/identity.pem where DATA_DIR is set, else a new identity each start',
    allowed: 'a path: Ed25519 as PKCS#8 PEM or libp2p protobuf',
    doc: "The node's private key; written, readable by its owner alone, where the file does not exist.",
  }),
  IDENTITY_SEED: variable(seed, {
    default: null,
    allowed: '64 hexadecimal digits',
    doc: "The node's private key as an Ed25519 seed, instead of IDENTITY_FILE.",
    secret: true,
  }),
  SWARM_KEY_FILE: variable(text, {
    default: null,
    defaultNote: 'no private network',
    allowed: 'a path: a swarm key, as other implementations of libp2p have it',
    doc: "Key of a private network: only nodes with the same one connect, and nothing of a connection can be read or begun without it. It stands beside each peer's identity, and guards no data from those who have it.",
  }),
  DATA_DIR: variable(text, {
    default: null,
    defaultNote: 'nothing outlives the process',
    allowed: 'a path',
    doc: 'Folder for records, known peers and the identity.',
  }),
  PUT_MIN_COPIES: count({
    min: 0,
    max: 1000,
    default: null,
    defaultNote: 'a majority of the peers closest to the key that answer, at least 1',
    unit: 'copies',
    doc: 'Other peers that must store a record for a put to succeed, where the call names no number.',
  }),
  REPUBLISH_INTERVAL_MS: durationMs({
    min: 1000,
    default: 3_600_000,
    doc: 'How often a record is given to the peers that are closest to its key then, by one of its holders; each node takes a fifth more or less.',
  }),
  PLAIN_RECORDS: choice(['allow', 'refuse'], {
    default: 'refuse',
    doc: 'Records without a signed envelope, as peers of other implementations write them: whether this node takes, holds and reads them. Anybody can replace them. A signed record is newer than any of them.',
  }),
  MAX_KEY_BYTES: count({
    min: 1,
    max: LARGEST_ITEM.keyBytes,
    default: ITEM_LIMITS.keyBytes,
    unit: 'bytes',
    doc: 'Longest key that the node takes from anybody, in UTF-8. Above the default, peers of other implementations may refuse it: set the same at every node.',
  }),
  MAX_VALUE_BYTES: count({
    min: 1,
    max: LARGEST_ITEM.valueBytes,
    default: ITEM_LIMITS.valueBytes,
    unit: 'bytes',
    doc: 'Largest value that the node takes from anybody. rust-libp2p reads no message above 16 KiB: above the default, set the same at every node of a network without such peers.',
  }),
  MAX_RECORDS: count({
    min: 1,
    max: 10_000_000,
    default: 100_000,
    unit: 'records',
    doc: 'Value records that the node holds. When it is full, a record closer to it takes the place of the farthest one, and farther ones are refused.',
  }),
  MAX_RECORDS_BYTES: count({
    min: 10_000,
    max: 2 ** 40,
    default: 128 * 1024 * 1024,
    unit: 'bytes',
    doc: 'Bytes of the keys and values of all records that the node holds.',
  }),
  MAX_PROVIDER_RECORDS: count({
    min: 1,
    max: 10_000_000,
    default: 100_000,
    unit: 'records',
    doc: 'Provider records of others that the node holds. When it is full, one of a key closer to it takes the place of the farthest one, and farther ones are refused. What the node itself provides is not counted.',
  }),
  MAX_WRITES_PER_SECOND: count({
    min: 1,
    max: 1_000_000,
    default: 1000,
    unit: 'writes',
    doc: 'Values, and as many provider records, that one peer may write to this node in a second; further ones are refused.',
  }),
  API_LISTEN: serverAddress({
    defaultNote: 'no HTTP',
    doc: 'Where the HTTP API listens. On anything but a socket or loopback it needs API_TOKEN.',
  }),
  API_TOKEN: variable(bearerToken, {
    default: null,
    defaultNote: 'whoever reaches the API may ask',
    allowed: '16 to 256 letters, digits and . _ ~ + / -',
    doc: 'What callers of the HTTP API must show, as Authorization: Bearer, or in a browser as the password of any user. The shell, the doctor and the health check show it too.',
    secret: true,
  }),
  API_PUBLISHED_AT: variable(ipAddress, {
    default: null,
    defaultNote: 'as API_LISTEN',
    allowed: 'an IPv4 or IPv6 address of one host',
    doc: 'In a container, which must listen on its inside network: the address at which its engine publishes the port of the API (docker run --publish 127.0.0.1:8080:8080). Where that is loopback, no API_TOKEN is needed. Containers of the same network reach the API all the same.',
  }),
  API_MAX_BODY_BYTES: count({
    min: 1024,
    max: 2 ** 20,
    default: null,
    defaultNote: `the larger of MAX_VALUE_BYTES and ${ITEM_LIMITS.valueBytes}`,
    unit: 'bytes',
    doc: 'Largest body of a request to the HTTP API. A larger one is refused before it is read.',
  }),
  API_MAX_REQUESTS: count({
    min: 1,
    max: 100_000,
    default: 256,
    unit: 'requests',
    doc: 'Requests to the HTTP API under way at a time, streams of events among them; further ones are refused (503). That the process lives is always told.',
  }),
  STDIO_API: yesNo({
    default: 'no',
    doc: 'Answer calls and send events as JSON lines on standard input and output.',
  }),
  METRICS: yesNo({
    default: 'yes',
    doc: 'Offer Prometheus metrics under /metrics of the HTTP API.',
  }),
  METRICS_LISTEN: serverAddress({
    defaultNote: 'nowhere else',
    doc: 'Where /metrics, and nothing else of the API, is offered beside API_LISTEN: for a Prometheus on another machine.',
  }),
  BUILD: variable(buildName, {
    default: null,
    allowed: '1 to 64 letters, digits, dots and hyphens',
    doc: 'Names what a deployment runs. Others see it in the agent version, as kadlab/<version>+<BUILD>.',
  }),
  LOG_LEVEL: choice(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
    default: 'info',
    doc: 'What is logged on standard error; debug and trace include libp2p itself.',
  }),
  PEER_NAMES: variable(peerNames, {
    default: '',
    allowed: 'name=peer id, separated by commas or white space',
    doc: 'What the log, the shell and the doctor call these peers, beside or instead of their peer ids.',
  }),
  LOG_FORMAT: choice(['json', 'pretty'], {
    default: null,
    defaultNote: 'pretty at a terminal, else json',
    doc: 'One JSON object a line, or text for people.',
  }),
} satisfies Record<string, Variable<unknown>>

export type VariableName = keyof typeof VARIABLES

/** The name of a variable as a field of the settings: `KAD_MODE` is `kadMode`. */
export type FieldOf<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${Lowercase<First>}${Capitalize<FieldOf<Rest>>}`
  : Lowercase<Name>

/** What each variable means, by field; null where it is unset and has no default. */
export type Settings = {
  readonly [Name in VariableName as FieldOf<Name>]: (typeof VARIABLES)[Name] extends Variable<
    infer T
  >
    ? Readonly<T>
    : never
}

/** `KAD_MODE` as `kadMode`. */
export function fieldOf<Name extends string>(name: Name): FieldOf<Name> {
  return name
    .toLowerCase()
    .replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) as FieldOf<Name>
}
