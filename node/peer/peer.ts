import { mkdir } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import { type Identify, type IdentifyPush, identify, identifyPush } from '@libp2p/identify'
import type { Libp2p, PeerId, PrivateKey, Transport } from '@libp2p/interface'
import {
  type KadDHT as PublicKadDHT,
  kadDHT,
  type KadDHTInit,
  type Selectors,
  type Validators,
} from '@libp2p/kad-dht'
import { type Ping, ping } from '@libp2p/ping'
import { tcp, type TCPComponents } from '@libp2p/tcp'
import type { Datastore } from 'interface-datastore'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import type { Registry } from 'prom-client'
import { describeError, KadlabError } from '../base/errors.ts'
import { libp2pLogger, logOf, type Log } from '../base/log.ts'
import { Refusals } from '../base/refusals.ts'
import { agentOf, VERSION } from '../base/version.ts'
import type { NodeConfig } from '../config/config.ts'
import { filterAnswering } from '../patches/answer-filter.ts'
import { boundAddresses } from '../patches/bounded-addresses.ts'
import { boundPushes } from '../patches/bounded-pushes.ts'
import { splitBucketsAtOnce } from '../patches/bucket-split.ts'
import { noiseWithCheapLengths } from '../patches/cheap-lengths.ts'
import { coalesceWrites } from '../patches/coalesced-writes.ts'
import { confirmInterfaceAddresses } from '../patches/confirm-interface.ts'
import { endWithMuxer } from '../patches/dead-muxer.ts'
import { type DialWatch, watchDials } from '../patches/dial-watch.ts'
import { type KadDHT, kadParts } from '../patches/kad.ts'
import { keepDialledAddresses } from '../patches/keep-dialled.ts'
import { keepToldAddresses } from '../patches/keep-told.ts'
import { preferLastingConnections } from '../patches/lasting-connection.ts'
import { yamuxWithLazyWindows } from '../patches/lazy-windows.ts'
import { checkParts } from '../patches/parts.ts'
import { sharePendingPlaces } from '../patches/pending-places.ts'
import { refreshTable } from '../patches/refresh.ts'
import { kvRecords, recordRules } from '../store/records.ts'
import { type Clock, systemClock } from '../time/clock.ts'
import { dialRules, privateDialGater, scopeMapper } from './address-scope.ts'
import { announcedByConfig, withoutLoopback } from './announce.ts'
import { boundConnectionsOfPeer, type PeerConnections } from './connections-of-peer.ts'
import { evictDeadPeers, type Eviction } from './evict.ts'
import { createExplore } from './explore.ts'
import { forgetStrangers } from './forget.ts'
import { watchHandshakes } from './handshake-watch.ts'
import { hangUp } from './hang-up.ts'
import { loadIdentity } from './identity.ts'
import { createJoin, type Join } from './join.ts'
import { createLookup } from './lookup.ts'
import { openPrivateNetwork, type PrivateNetwork } from './private-network.ts'
import { dialOptions } from './public-lookup.ts'
import { recover } from './recover.ts'
import { shareTable, type TableShares } from './table-shares.ts'

/** What a peer is made with; what is left out is the real thing. */
export interface PeerComponents {
  log: Log
  clock?: Clock
  /** Numbers from 0 to below 1; default `Math.random`. */
  random?: () => number
  /** A libp2p transport factory; default TCP. */
  transport?: (components: TCPComponents) => Transport
  /** Default: a database in DATA_DIR, or memory. */
  datastore?: Datastore
  /** libp2p registers its metrics here; its metrics are global to the process, so for one peer only. */
  metrics?: Registry
  /** By namespace; default: the key-value store's. */
  records?: { validators: Validators; selectors: Selectors }
  onEvicted?: (eviction: Eviction) => void
}

type PeerServices = {
  identify: Identify
  identifyPush: IdentifyPush
  ping: Ping
  dht: PublicKadDHT
}

/** The libp2p host with Kademlia, without the faults of a stock one. It starts once and stops once. */
export interface Peer extends AsyncDisposable {
  readonly libp2p: Libp2p<PeerServices>
  readonly dht: KadDHT
  readonly config: NodeConfig
  readonly peerId: PeerId
  /** Of its identity. */
  readonly privateKey: PrivateKey
  /** Each line says who speaks, where PEER_NAMES has a name for it. */
  readonly log: Log
  /** Reports each dial of each address. */
  readonly dials: DialWatch
  /** How it stands with the bootstrap peers. */
  readonly join: Join
  /** What it refuses strangers. */
  readonly refusals: Refusals
  /** How much of the table each address and network has. */
  readonly shares: TableShares
  /** Resolves when the node listens; it joins from then on. Rejects with `PeerStartError`. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** The peer cannot start: an address that is in use, a database that another process holds. */
export class PeerStartError extends KadlabError {
  static override readonly name = 'PeerStartError'
}

/**
 * Makes a peer, stopped.
 *
 * @throws IdentityError where there is no usable key.
 * @throws SwarmKeyError where SWARM_KEY_FILE holds none.
 * @throws PeerStartError where the database in DATA_DIR cannot be opened.
 */
export async function createPeer(config: NodeConfig, components: PeerComponents): Promise<Peer> {
  const { clock = systemClock, random = Math.random } = components
  const privateKey = await loadIdentity(config.identity)
  const network = await privateNetworkOf(config, { clock })
  const database = components.datastore === undefined ? await openDatabase(config) : null
  const datastore = components.datastore ?? database
  const refusals = new Refusals()
  const ofPeer = boundConnectionsOfPeer({ onRefused: () => refusals.note('peer-connection') })
  const libp2p = await createLibp2p({
    ...hostOptions(config, { ...components, privateKey, network, ofPeer }),
    ...(await metricsOptions(components.metrics)),
    ...(datastore === null ? {} : { datastore }),
  }).catch(async (error: unknown) => {
    await database?.close()
    throw error
  })
  const log = logOf(libp2p.peerId.toString(), components.log, config.peerNames)
  const dht = kadParts(libp2p.services.dht)
  checkParts({ libp2p, dht })

  ofPeer.count(libp2p)
  coalesceWrites(libp2p)
  confirmInterfaceAddresses(libp2p)
  preferLastingConnections(libp2p)
  sharePendingPlaces(
    { libp2p, clock },
    { places: config.maxPendingConnections, onRefused: (what) => refusals.note(what) },
  )
  boundPushes({ libp2p, clock }, { onRefused: () => refusals.note('push') })
  filterAnswering({ libp2p, dht, log })
  splitBucketsAtOnce(dht)
  const forget = forgetStrangers({ libp2p, dht, clock, log })
  const refresh = refreshTable({ dht, clock, log }, { intervalMs: config.kadRefreshIntervalMs })
  const dials = watchDials(libp2p, { clock })
  const kept = [keepDialledAddresses({ libp2p, dials }), keepToldAddresses({ libp2p, dials })]
  // The last one is asked first: what is kept beside what a peer announces comes on top.
  const unbound = boundAddresses(libp2p, { onRefused: () => refusals.note('addresses') })
  const shares = shareTable(
    { libp2p, dht },
    {
      perNetwork: config.maxListedPerNetwork,
      onRefused: () => refusals.note('table-place'),
    },
  )
  const ownKey = libp2p.peerId.toMultihash().bytes
  const lookUp = createLookup(
    { dht, ownKey, clock, log },
    { queryTimeoutMs: config.kadQueryTimeoutMs },
  )
  const explore = createExplore({ lookUp, clock })
  const join = createJoin(
    { libp2p, clock, random, log: log.child({ part: 'join' }), onJoined: () => explore.begin() },
    { bootstrap: config.bootstrap, retryMaxMs: config.joinRetryMaxMs },
  )
  const { onEvicted = () => {} } = components
  const evict = evictDeadPeers(
    { libp2p, dht, clock, random, log: log.child({ part: 'evict' }), onEvicted },
    { afterMs: config.kadEvictAfterMs },
  )
  const recovery = recover({ libp2p, dht, lookUp, clock, random, log })

  let stopped: Promise<void> | null = null
  const stopAll = async (): Promise<void> => {
    unbound()
    for (const each of kept) each.stop()
    dials.stop()
    const watching = [join, explore, evict, recovery, refresh, forget]
    await Promise.all(watching.map((each) => each.stop()))
    await hangUp(libp2p, { clock })
    await libp2p.stop()
    await database?.close()
  }
  const stop = async (): Promise<void> => (stopped ??= stopAll())

  return {
    libp2p,
    dht,
    config,
    peerId: libp2p.peerId,
    privateKey,
    log,
    dials,
    join,
    refusals,
    shares,
    async start() {
      try {
        await libp2p.start()
      } catch (error) {
        await stop()
        throw new PeerStartError(
          `cannot listen on ${config.listen.join(', ')}: choose another with LISTEN or LISTEN_PORT`,
          { cause: listenError(error) },
        )
      }
      join.start()
      refresh.start()
      forget.start()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** libp2p tells why it cannot listen as a page of text with stacks in it: this leaves the reasons. */
function listenError(error: unknown): unknown {
  const text = error instanceof Error ? error.message : ''
  const reasons = [...text.matchAll(/^ {2}\S+: \w*Error: (.+)$/gm)].map(([, reason]) => reason)
  return reasons.length === 0 ? error : new Error(reasons.join('; '))
}

/** Streams of one protocol on one connection; stock ones refuse, and abort connections, at far less. */
const MAX_STREAMS = 256
/** A heartbeat may take as long on a busy machine before its connection is given up. */
const HEARTBEAT_TIMEOUT_MS = 10_000
/** Queries wait at least so long for a peer, whatever speed peers have been answering with. */
const SHORTEST_REQUEST_TIMEOUT_MS = 2000
/** kad-dht looks for its neighbours for the first time this long after its start; it then waits for a first contact. */
const FIRST_LOOKUP_MS = 50
/** Contacts that may wait for their verifying ping; stock kad-dht drops what is above 100. */
const MAX_PINGS_WAITING = 10_000

function hostOptions(
  config: NodeConfig,
  parts: PeerComponents & {
    privateKey: PrivateKey
    network: PrivateNetwork | null
    ofPeer: PeerConnections
  },
): Libp2pOptions<PeerServices> {
  const streams = { maxInboundStreams: MAX_STREAMS, maxOutboundStreams: MAX_STREAMS }
  const transport = parts.transport ?? tcp(dialOptions(dialRules(config)))
  const { network } = parts
  return {
    start: false,
    privateKey: parts.privateKey,
    nodeInfo: { name: 'kadlab', version: VERSION, userAgent: agentOf(config.build) },
    logger: libp2pLogger(parts.log),
    addresses: {
      listen: [...config.listen],
      ...announcedByConfig(config),
      announceFilter: withoutLoopback,
    },
    transports: [watchHandshakes(transport, network)],
    ...(network === null ? {} : { connectionProtector: network.connectionProtector }),
    connectionEncrypters: [noiseWithCheapLengths()],
    // Who has waited for a connection opens its streams before the other side listens: stock, the 11th ends it.
    streamMuxers: [endWithMuxer(yamuxWithLazyWindows({ maxEarlyStreams: MAX_STREAMS }))],
    connectionGater: { ...privateDialGater(config), ...parts.ofPeer.gater },
    // Stock: an address ends an hour after it was first seen, though its peer is connected all the time. See forget.ts.
    peerStore: { maxAddressAge: Infinity, maxPeerAge: Infinity },
    connectionManager: {
      maxConnections: config.maxConnections,
      inboundConnectionThreshold: config.maxConnectionsPerSecond,
      maxIncomingPendingConnections: config.maxPendingConnections,
      dialTimeout: config.dialTimeoutMs,
      addressDialTimeout: config.dialAddressTimeoutMs,
      // Who comes back and who is given up is decided by join.ts and evict.ts.
      reconnectRetries: 0,
    },
    connectionMonitor: { pingTimeout: { minTimeout: HEARTBEAT_TIMEOUT_MS } },
    services: {
      identify: identify(streams),
      identifyPush: identifyPush(streams),
      ping: ping(streams),
      dht: kadDHT(kadOptions(config, recordsOf(config, parts))),
    },
  }
}

async function privateNetworkOf(
  { swarmKeyFile: keyFile, dialAddressTimeoutMs }: NodeConfig,
  components: { clock: Clock },
): Promise<PrivateNetwork | null> {
  if (keyFile === null) return null
  // The other half is left to ask whoever did not answer how it speaks.
  const nonceTimeoutMs = Math.ceil(dialAddressTimeoutMs / 2)
  return openPrivateNetwork({ keyFile, nonceTimeoutMs }, components)
}

async function metricsOptions(
  registry: Registry | undefined,
): Promise<Pick<Libp2pOptions, 'metrics'>> {
  if (registry === undefined) return {}
  // Loaded only here: a node that counts nothing is spared the time and the memory.
  const { prometheusMetrics } = await import('@libp2p/prometheus-metrics')
  return { metrics: prometheusMetrics({ registry, preserveExistingMetrics: true }) }
}

function recordsOf(
  config: NodeConfig,
  { records, clock = systemClock }: PeerComponents,
): NonNullable<PeerComponents['records']> {
  return records ?? kvRecords(recordRules(config, clock))
}

function kadOptions(
  config: NodeConfig,
  records: NonNullable<PeerComponents['records']>,
): KadDHTInit {
  return {
    protocol: config.kadProtocol,
    kBucketSize: config.kadBucketSize,
    alpha: config.kadParallelism,
    disjointPaths: config.kadDisjointPaths,
    querySelfInterval: config.kadRefreshIntervalMs,
    initialQuerySelfInterval: FIRST_LOOKUP_MS,
    peerInfoMapper: scopeMapper(config.addressScope),
    networkDialTimeout: {
      minTimeout: Math.min(SHORTEST_REQUEST_TIMEOUT_MS, config.kadRequestTimeoutMs),
      maxTimeout: config.kadRequestTimeoutMs,
    },
    pingNewContactMaxQueueSize: MAX_PINGS_WAITING,
    pingOldContactMaxQueueSize: MAX_PINGS_WAITING,
    maxInboundStreams: MAX_STREAMS,
    maxOutboundStreams: MAX_STREAMS,
    ...records,
    ...(config.kadMode === 'auto' ? {} : { clientMode: config.kadMode === 'client' }),
  }
}

async function openDatabase(
  config: NodeConfig,
): Promise<(Datastore & { close(): Promise<void> }) | null> {
  if (config.dataDir === null) return null
  // Loaded only here: it is native code, which stands outside the bundle.
  const { LevelDatastore } = await import('datastore-level')
  const database = new LevelDatastore(joinPath(config.dataDir, 'store'))
  try {
    await mkdir(config.dataDir, { recursive: true })
    await database.open()
    return database
  } catch (error) {
    throw new PeerStartError(
      `cannot open the database in DATA_DIR=${config.dataDir}: ${describeError(error)}`,
      { cause: error },
    )
  }
}
