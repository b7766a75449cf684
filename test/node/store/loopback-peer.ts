import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { type KadDHT, kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { silentLog } from '#node/base/log.ts'
import { ITEM_LIMITS } from '#node/config/item-limits.ts'
import { placeOf } from '#node/kad/distance.ts'
import { type KadWire, takeWire } from '#node/kad/wire.ts'
import { kadInternals, type KadInternals } from '#node/patches/kad-internals.ts'
import { answerValues } from '#node/store/answer-values.ts'
import { createLocalRecords, type LocalRecords } from '#node/store/local-records.ts'
import { createProviders, type Providers } from '#node/store/providers.ts'
import { kvRecords, type RecordRules } from '#node/store/records.ts'
import {
  createReplication,
  type Replication,
  type ReplicationOptions,
} from '#node/store/replication.ts'
import { createValues, type Values } from '#node/store/values.ts'
import { systemClock } from '#node/time/clock.ts'
import { until } from '#test/node/peers.ts'

/** A bare libp2p peer on 127.0.0.1 with a store: the least that the store needs beneath it. */
export interface LoopbackPeer extends AsyncDisposable {
  peerId: PeerId
  addresses(): Multiaddr[]
  libp2p: Libp2p
  dht: KadDHT
  kad: KadInternals
  wire: KadWire
  local: LocalRecords
  /** `<record key> from <peer>`, for each record that another stored here. */
  stored: string[]
  /** Record keys of which another gave what is held, each time. */
  heard: string[]
  /** Records of others that were none of the store's, or not as they must be. */
  refused: number
  /** Resolves when so many records were stored here by others. */
  hasStored(count: number): Promise<void>
  replicationOf(options: ReplicationOptions): Replication
  values: Values
  providers: Providers
  /** Dials another and resolves when each of the two lists the other. */
  meet(other: LoopbackPeer): Promise<void>
  /** Resolves when this peer lists the other. */
  lists(other: PeerId): Promise<void>
  dial(other: LoopbackPeer): Promise<void>
  /** Leaves others' routing tables as they are, as a crash does. */
  stop(): Promise<void>
}

export async function createLoopbackPeer(
  seed: number,
  { items = ITEM_LIMITS, plain = true, clock = systemClock }: Partial<RecordRules> = {},
): Promise<LoopbackPeer> {
  const rules: RecordRules = { items, plain, clock }
  const privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed))
  const libp2p = await createLibp2p({
    start: false,
    privateKey,
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ping: ping({ maxInboundStreams: 32, maxOutboundStreams: 32 }),
      dht: kadDHT({
        clientMode: false,
        peerInfoMapper: passthroughMapper,
        ...kvRecords(rules),
        initialQuerySelfInterval: 1,
      }),
    },
  })
  const { dht } = libp2p.services
  const kad = kadInternals(dht)
  const wire = takeWire({ kad, clock: systemClock }, { requestTimeoutMs: 5000 })
  const local = createLocalRecords({
    datastore: kad.components.datastore,
    clock,
    plain,
    place: placeOf(libp2p.peerId.toMultihash().bytes),
    limits: { records: 1000, bytes: 10_000_000, writesPerSecond: 10_000 },
  })
  const stored: string[] = []
  const heard: string[] = []
  const told = new EventTarget()
  answerValues(
    { wire, local, rules },
    (record, from) => {
      stored.push(`${new TextDecoder().decode(record)} from ${from.toString()}`)
      told.dispatchEvent(new Event('stored'))
    },
    (record) => {
      heard.push(new TextDecoder().decode(record))
    },
    () => {
      peer.refused += 1
    },
  )
  const replicationOf = (options: ReplicationOptions): Replication =>
    createReplication(
      {
        wire,
        local,
        rules,
        clock,
        random: () => 0.5,
        log: silentLog,
        isConnected: (other) => libp2p.getConnections(other).length > 0,
      },
      options,
    )
  const values = createValues(
    { wire, local, clock, privateKey, rules },
    { minCopies: null, queryTimeoutMs: 20_000, parallel: 10 },
  )
  const components = { dht, peerId: libp2p.peerId, clock: systemClock }
  const table = (dht as unknown as { routingTable: RoutingTable }).routingTable
  const stop = async (): Promise<void> => {
    wire.stop()
    await libp2p.stop()
  }
  const peer: LoopbackPeer = {
    peerId: libp2p.peerId,
    addresses: () => libp2p.getMultiaddrs(),
    libp2p,
    dht,
    kad,
    wire,
    local,
    stored,
    heard,
    refused: 0,
    hasStored: (count) => until(told, 'stored', async () => stored.length >= count),
    replicationOf,
    values,
    providers: createProviders(components, { items, queryTimeoutMs: 20_000 }),
    async dial(other) {
      await libp2p.dial(other.addresses())
    },
    async meet(other) {
      const met = Promise.all([peer.lists(other.peerId), other.lists(peer.peerId)])
      await peer.dial(other)
      await met
    },
    lists: (other) => until(table, 'peer:add', async () => (await table.find(other)) !== undefined),
    stop,
    [Symbol.asyncDispose]: stop,
  }
  await libp2p.start()
  return peer
}

interface RoutingTable extends EventTarget {
  find(peer: PeerId): Promise<PeerId | undefined>
}
