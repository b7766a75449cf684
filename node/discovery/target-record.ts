import type { Connection, IdentifyResult, Libp2p, Peer } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { visible } from '../base/visible.ts'
import type { DialEvidence } from '../judgement/causes.ts'
import { hostPort, withoutPeerId } from '../judgement/multiaddr-facts.ts'
import type {
  AddressScope,
  ClosedFact,
  DeniedFact,
  IdentifyFact,
  Observation,
  ObserverFacts,
  PingFact,
  TableFact,
} from '../judgement/observation.ts'
import type { Sighting } from '../judgement/sighting.ts'
import { bucketOf, isListed, type KadDHT } from '../patches/kad.ts'
import type { Timer } from '../time/clock.ts'

/** What an observer keeps of one target; changed by its listeners, read by `observe`. */
export interface TargetRecord {
  readonly peerId: string
  /** Open connections by id, without those of dial-backs. */
  readonly connections: Map<string, Connection>
  /** Hosts at which the target was seen: an inbound connection that was refused tells nothing else. */
  readonly hosts: Set<string>
  closed: ClosedFact | null
  dials: Map<string, DialEvidence>
  denied: DeniedFact | null
  identify: Extract<IdentifyFact, { state: 'pending' | 'failed' }> | Identified
  protocolsNow: string[] | null
  removed: string | null
  /** Why it was taken out of the table for not answering; null where it was not. */
  unanswered: string | null
  update: TableFact['update']
  updateError: string | null
  ping: PingFact | null
  dialBack: Map<string, DialEvidence>
  /** When each of `dialBack` ended, in milliseconds of the clock. */
  dialledBackAt: Map<string, number>
  settled: boolean
  /** The last judgement that was told. */
  told: Pick<Sighting, 'rung' | 'cause'> | null
  /** The cause of the last warning. */
  warned: string | null
  settling: Timer | null
  /** Something has changed that is not judged yet. */
  isChanged: boolean
  /** A judgement is under way. */
  isJudged: boolean
}

/** Addresses of an identify message that are looked at. */
export const MAX_ANNOUNCED = 32

/** What identify said, as it was said. */
export interface Identified {
  state: 'done'
  agent: string | null
  protocols: string[]
  announced: Multiaddr[]
  /** Sequence number of the signed record that is stored. */
  seq: bigint | null
  staleRecord: boolean
}

/** What counts from the first connection to a target to its last: with the next one it begins anew. */
function unseen() {
  return {
    closed: null,
    dials: new Map(),
    denied: null,
    identify: { state: 'pending' },
    protocolsNow: null,
    removed: null,
    unanswered: null,
    update: 'none',
    updateError: null,
    ping: null,
    dialBack: new Map(),
    dialledBackAt: new Map(),
    settled: false,
  } satisfies Partial<TargetRecord>
}

export function newRecord(peerId: string): TargetRecord {
  return {
    ...unseen(),
    peerId,
    connections: new Map(),
    hosts: new Set(),
    told: null,
    warned: null,
    settling: null,
    isChanged: false,
    isJudged: false,
  }
}

/** Forgets what a new connection makes old. */
export function beginConnection(record: TargetRecord, connection: Connection): void {
  const host = hostPort(connection.remoteAddr.toString())?.host
  if (host !== undefined) record.hosts.add(host)
  const isFirst = record.connections.size === 0
  record.connections.set(connection.id, connection)
  if (isFirst) Object.assign(record, unseen())
}

/** What an identify message says; a stale signed record shows only after libp2p has stored what it took. */
export function identifiedFrom(detail: IdentifyResult, staleRecord: boolean): Identified {
  return {
    state: 'done',
    agent: detail.agentVersion === undefined ? null : visible(detail.agentVersion),
    protocols: detail.protocols,
    announced: detail.listenAddrs.slice(0, MAX_ANNOUNCED),
    seq: detail.signedPeerRecord?.seq ?? null,
    staleRecord,
  }
}

/** What the observer looks through. */
export interface Lens {
  libp2p: Libp2p
  dht: KadDHT
  scope: AddressScope
  pingProtocol: string | null
  /** Hosts under which the world sees this node. */
  ownHosts: () => readonly string[]
  /** The address or network of which the table holds as many peers as it may, and the peer is one of them. */
  fullGroupOf: (peerId: string) => { network: string; limit: number } | null
}

/** What the observer is, and where it stands. */
export function observerOf({ libp2p, dht, scope, pingProtocol, ownHosts }: Lens): ObserverFacts {
  return {
    peerId: libp2p.peerId.toString(),
    mode: dht.getMode(),
    scope,
    protocol: dht.protocol,
    pingProtocol,
    connections: libp2p.getConnections().length,
    hosts: ownHosts(),
  }
}

/** Everything known of a target at this moment. */
export async function observe(lens: Lens, record: TargetRecord): Promise<Observation> {
  const { libp2p, dht } = lens
  const stored = (await storedPeer(libp2p, record.peerId))?.addresses.map(
    (address) => address.multiaddr,
  )
  const filter = dht.peerInfoMapper
  const keep = (multiaddrs: Multiaddr[]): string[] =>
    texts(filter({ id: peerIdFromString(record.peerId), multiaddrs }).multiaddrs)
  const listed = isListed(dht, record.peerId)
  return {
    peerId: record.peerId,
    observer: observerOf(lens),
    connections: [...record.connections.values()].map((connection) => ({
      direction: connection.direction,
      remoteAddress: withoutPeerId(connection.remoteAddr.toString()),
      limited: connection.limits !== undefined,
    })),
    closed: record.closed,
    kademliaError: record.unanswered,
    dials: [...record.dials.values()],
    denied: record.denied,
    identify:
      record.identify.state === 'done'
        ? {
            state: 'done',
            agent: record.identify.agent,
            protocols: record.identify.protocols,
            announced: texts(record.identify.announced),
            announcedKept: keep(record.identify.announced),
            staleRecord: record.identify.staleRecord,
          }
        : record.identify,
    protocolsNow: record.protocolsNow,
    confirmedKademlia: false,
    stored: texts(stored ?? []),
    kept: keep(stored ?? []),
    table: {
      listed,
      removed: record.removed,
      update: record.update,
      error: record.updateError,
      bucket: bucketOf(dht, record.peerId),
      fullGroup: lens.fullGroupOf(record.peerId),
      probeError: null,
    },
    ping: record.ping,
    dialBack: [...record.dialBack.values()],
    settled: record.settled,
  }
}

/** What the peer store holds of a peer; null where it holds nothing. */
export async function storedPeer(libp2p: Libp2p, peerId: string): Promise<Peer | null> {
  try {
    return await libp2p.peerStore.get(peerIdFromString(peerId))
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundError') return null
    throw error
  }
}

function texts(multiaddrs: readonly Multiaddr[]): string[] {
  return [...new Set(multiaddrs.map((one) => withoutPeerId(one.toString())))]
}
