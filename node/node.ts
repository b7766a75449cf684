import type { PeerId } from '@libp2p/interface'
import { createLocalApi } from './api/local-api.ts'
import type { NodeApi } from './api/node-api.ts'
import { tellOwnEvents } from './api/own-events.ts'
import { agentOf } from './base/version.ts'
import type { NodeConfig } from './config/config.ts'
import { watchDialable } from './discovery/dialable-watch.ts'
import { createObserver, type ObserverOptions } from './discovery/observer.ts'
import { EventLog } from './events/event-log.ts'
import type { Question } from './kad/client.ts'
import { Contacts, placeOf } from './kad/distance.ts'
import { encodeFrame } from './kad/message.ts'
import { takeWire } from './kad/wire.ts'
import type { NodeMetrics } from './metrics/metrics.ts'
import { kadInternals } from './patches/kad-internals.ts'
import { demoteSilentPeers } from './peer/demote.ts'
import { createPeer, type PeerComponents } from './peer/peer.ts'
import { answerValues } from './store/answer-values.ts'
import { keyOfRecord } from './store/items.ts'
import { createLocalRecords } from './store/local-records.ts'
import { limitProviders } from './store/provider-records.ts'
import { createProviders } from './store/providers.ts'
import { recordRules } from './store/records.ts'
import { createReplication } from './store/replication.ts'
import { createValues } from './store/values.ts'
import { systemClock } from './time/clock.ts'
import type { watchLateness } from './time/lateness.ts'

/** A node that stands still so long is a warning: peers give up dials and requests after a few of these. Milliseconds. */
const WARN_LATE_FROM_MS = 1000

/** What a node is made with; what is left out is the real thing. */
export interface NodeComponents extends Omit<PeerComponents, 'records' | 'metrics'> {
  observer?: ObserverOptions
  /** Counts what this node does. Default: nothing is counted. */
  metrics?: NodeMetrics
  /** libp2p's metrics go to this node's registry: for one node of a process, as they are global. Default false. */
  libp2pMetrics?: boolean
  /** Watches whether this process keeps time: for one node of a process, and never in simulated time. Default: nobody does. */
  watchLateness?: typeof watchLateness
  /** Milliseconds that went by before this call since what events count from, the start of a process. Default 0. */
  agedMs?: number
}

export interface StopOptions {
  /** What the event `stopping` says. Default: `told to`. */
  why?: string
}

/** A node in this process. It starts once and stops once; stopping again waits for the first stop. */
export interface KadlabNode extends AsyncDisposable {
  readonly peerId: string
  readonly api: NodeApi
  /** Resolves when the node listens; it joins from then on. Rejects with `PeerStartError`. */
  start(): Promise<void>
  stop(options?: StopOptions): Promise<void>
}

/**
 * Makes a node, stopped: the peer, what watches it, its store, and its API. Faces for other processes are opened by
 * `faces.ts`.
 *
 * @throws IdentityError, SwarmKeyError, PeerStartError as `createPeer`.
 */
export async function createNode(
  config: NodeConfig,
  components: NodeComponents,
): Promise<KadlabNode> {
  const { clock = systemClock, metrics, libp2pMetrics = false, ...others } = components
  const { agedMs = 0, watchLateness, ...peerComponents } = others
  const startedAt = clock.now() - agedMs
  const elapsedMs = (): number => clock.now() - startedAt
  const events = new EventLog({ elapsedMs })
  const emit = events.emit.bind(events)

  const peer = await createPeer(config, {
    ...peerComponents,
    clock,
    ...(metrics !== undefined && libp2pMetrics ? { metrics: metrics.registry } : {}),
  })
  const { dht, peerId, log } = peer
  const observer = createObserver(
    { peer, clock, log: log.child({ part: 'discovery' }), emit, peerNames: config.peerNames },
    { dialTimeoutMs: config.dialAddressTimeoutMs, ...components.observer },
  )
  const watch = watchDialable(
    { observer, clock, log: log.child({ part: 'discovery' }) },
    { intervalMs: config.dialBackIntervalMs },
  )
  const stopTelling = tellOwnEvents({ peer, emit })
  const kad = kadInternals(dht)
  const rules = recordRules(config, clock)
  const { items } = rules
  const { refusals } = peer
  const wire = takeWire(
    { kad, clock, onRefused: (what) => refusals.note(what) },
    { requestTimeoutMs: config.kadRequestTimeoutMs },
  )
  const contacts = new Contacts()
  const demote = demoteSilentPeers({
    libp2p: peer.libp2p,
    dht,
    ask: (asked) => wire.client.ask(contacts.of(asked), findNode(peerId)),
    clock,
    random: components.random ?? Math.random,
    log: log.child({ part: 'demote' }),
    onDemoted: (demoted, why) => observer.demoted(demoted.toString(), why),
    onRefused: () => refusals.note('unanswering'),
  })
  wire.onRpc(({ asked, durationMs }) => {
    if (asked !== undefined) demote.asked(asked.peerId, { ...asked, durationMs })
  })
  const records = createLocalRecords({
    datastore: kad.components.datastore,
    clock,
    plain: rules.plain,
    place: placeOf(peerId.toMultihash().bytes),
    limits: {
      records: config.maxRecords,
      bytes: config.maxRecordsBytes,
      writesPerSecond: config.maxWritesPerSecond,
    },
  })
  const providerRecords = limitProviders({
    kad,
    clock,
    place: placeOf(peerId.toMultihash().bytes),
    limits: { records: config.maxProviderRecords, writesPerSecond: config.maxWritesPerSecond },
  })
  const replication = createReplication(
    {
      wire,
      local: records,
      rules,
      clock,
      random: components.random ?? Math.random,
      log: log.child({ part: 'store' }),
      isConnected: (other) => peer.libp2p.getConnections(other).length > 0,
    },
    { intervalMs: config.republishIntervalMs },
  )
  answerValues(
    { wire, local: records, rules },
    (record, from) => {
      const key = keyOfRecord(record, items)
      if (key !== null) emit({ event: 'stored', key, from: from.toString() })
    },
    (record) => replication.heard(record),
    () => refusals.note('record'),
  )
  const queryTimeoutMs = config.kadQueryTimeoutMs
  const values = createValues(
    {
      wire,
      local: records,
      clock,
      rules,
      privateKey: peer.privateKey,
      onKept: (key) => emit({ event: 'stored', key, from: null }),
    },
    { minCopies: config.putMinCopies, queryTimeoutMs, parallel: config.kadParallelism },
  )
  const providers = createProviders({ dht, peerId, clock }, { items, queryTimeoutMs })
  const local = createLocalApi({
    peer,
    observer,
    values,
    records,
    providers,
    events,
    items,
    clock,
    elapsedMs,
  })
  const api =
    metrics?.measure({
      api: local,
      observer,
      wire,
      records,
      providerRecords,
      refusals,
      now: () => clock.now(),
    }) ?? local

  const lateness = watchLateness?.((lateMs) => {
    emit({ event: 'late', lateMs })
    if (lateMs < WARN_LATE_FROM_MS) return
    log.warn(
      { lateMs },
      'the event loop stood still: this machine is too slow, or too busy, for the node',
    )
  })

  let stopped: Promise<void> | null = null
  const stopAll = async (why: string): Promise<void> => {
    lateness?.[Symbol.dispose]()
    emit({ event: 'stopping', why })
    stopTelling()
    await replication.leave()
    await replication.stop()
    await watch.stop()
    await observer.stop()
    wire.stop()
    await demote.stop()
    await peer.stop()
    events.end()
  }
  const stop = async ({ why = 'asked to' }: StopOptions = {}): Promise<void> =>
    (stopped ??= stopAll(why))

  return {
    peerId: peerId.toString(),
    api,
    async start() {
      emit({ event: 'start', peer: peerId.toString(), agent: agentOf(config.build) })
      observer.start()
      try {
        await peer.start()
        watch.start()
        replication.start()
      } catch (error) {
        await stop({ why: 'it could not start' })
        throw error
      }
    },
    stop,
    [Symbol.asyncDispose]: async () => stop(),
  }
}

/** Asks for the neighbours of a peer. */
function findNode(of: PeerId): Question {
  const frame = encodeFrame({ type: 'FIND_NODE', key: of.toMultihash().bytes })
  return { type: 'FIND_NODE', frame }
}
