import type { Connection, IdentifyResult, Libp2p, PeerId, PeerUpdate } from '@libp2p/interface'
import type { KadDHT as PublicKadDHT } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { AbortOptions } from '../base/abort-options.ts'
import { describeError } from '../base/errors.ts'
import { peerNameOf } from '../base/peer-name.ts'
import type { NodeEventBody } from '../events/node-event.ts'
import { classifyDialError } from '../judgement/dial-error.ts'
import type { DialOutcome } from '../judgement/dial-outcome.ts'
import { judge } from '../judgement/judge.ts'
import { hostPort, peerIdOf, withoutPeerId } from '../judgement/multiaddr-facts.ts'
import { type AddressScope, freshDials } from '../judgement/observation.ts'
import type { Sighting } from '../judgement/sighting.ts'
import { type DialWatch, watchDials } from '../patches/dial-watch.ts'
import { isListed, type KadDHT, kadParts, listedPeers } from '../patches/kad.ts'
import { hostServices } from '../patches/parts.ts'
import { type Taps, tapPeer } from '../patches/taps.ts'
import type { Clock } from '../time/clock.ts'
import { eitherSignal } from '../time/deadline.ts'
import { type Census, takeCensus } from './census.ts'
import { addressOf, DialBack, dialEvidence } from './dial-back.ts'
import type { DiscoveryOptions } from './discovery-options.ts'
import { forEachOf } from './for-each-of.ts'
import { IdentifyWatch } from './identify-watch.ts'
import { type ObserverLog, SightingTeller } from './sighting-teller.ts'
import {
  beginConnection,
  type Lens,
  newRecord,
  observe,
  type TargetRecord,
} from './target-record.ts'
import { TargetRecords } from './target-records.ts'

/** What is observed: the peer of this node. */
export interface ObservedPeer {
  libp2p: Libp2p
  /** The service that kad-dht's `kadDHT()` makes. */
  dht: PublicKadDHT
  /** Reports its dials. Default: they are watched here. */
  dials?: DialWatch
  /** What each address and network has of the table. Default: it is not bounded. */
  shares?: { fullFor(peer: PeerId): { from: string; most: number } | null }
  config: { addressScope: AddressScope; kadMode?: 'server' | 'client' | 'auto' | undefined }
}

export interface ObserverComponents {
  peer: ObservedPeer
  clock: Clock
  log: ObserverLog
  emit: (event: NodeEventBody) => void
  /** Names of peers, by peer id, for the log. Default none. */
  peerNames?: ReadonlyMap<string, string>
}

export interface ObserverOptions {
  /** Milliseconds without a new answer after which what is missing counts as missing, and is warned of. Default 3000. */
  settleMs?: number
  /** Milliseconds for each address that is dialled back. Default 5000. */
  dialTimeoutMs?: number
}

/** Watches one node's peers climb the ladder. */
export interface Observer extends AsyncDisposable {
  /** Begins to watch. Best before the peer starts: what happened earlier is asked for anew. */
  start(): void
  /** Ends watching, and every timer and dial of the observer's own. It starts once and stops once; may be called twice. */
  stop(): Promise<void>
  /** One sighting for each peer that the node has heard of, and for each of `targets`. */
  sightings(options?: DiscoveryOptions): Promise<Sighting[]>
  /** Whom the node knows, at a cost that does not grow with who was only named to it: what metrics are made from. */
  census(): Promise<Census>
  /**
   * Dials every listed peer that has not been dialled back yet, at each address under which it is listed.
   *
   * @param options.again those that have been, too: all, or these peer ids. Default false.
   */
  dialBack(options?: AbortOptions & { again?: boolean | ReadonlySet<string> }): Promise<void>
  /** Dials one multiaddr on a fresh connection and closes it. Never rejects for a failed dial. */
  dial(address: string, options?: AbortOptions): Promise<DialOutcome>
  /** Takes note that a peer is about to leave the table for not answering what it was asked. */
  demoted(peerId: string, why: string): void
  /** Takes note of a dial that failed before any transport was asked (a name that does not resolve). */
  dialled(address: string, error: unknown): void
}

/** Peers beyond these that are neither connected nor listed are forgotten, the oldest first. */
const MAX_RECORDS = 4096
/** Refused connections of one host are told once in this time. */
const DENIED_EVERY_MS = 1000
/** All refused connections together are warned of once in this time. */
const WARN_REFUSED_EVERY_MS = 10_000
/** Whoever lies about where he sees this node fills no memory. */
const MAX_OWN_HOSTS = 16
/** An address that did not lead to its peer is not dialled back again for so long. */
const RETRY_DIAL_BACK_MS = 10_000
/** Addresses that are dialled back at once. */
const MAX_DIAL_BACKS = 64
/** No dial-back begins later than this after it was asked for. */
const BEGIN_DIAL_BACKS_MS = 5000

/** Makes the observer of one peer; nothing happens before `start`. */
export function createObserver(
  components: ObserverComponents,
  options: ObserverOptions = {},
): Observer {
  return new PeerObserver(components, options)
}

class PeerObserver implements Observer {
  readonly #libp2p: Libp2p
  readonly #dht: KadDHT
  readonly #ownId: string
  readonly #clock: Clock
  readonly #log: ObserverLog
  readonly #emit: (event: NodeEventBody) => void
  readonly #lens: Lens
  readonly #dialBack: DialBack
  readonly #teller: SightingTeller
  readonly #records: TargetRecords
  readonly #identifying: IdentifyWatch
  readonly #deniedAt = new Map<string, number>()
  /** Connections refused since that was last warned of, and when it was. */
  #refused = 0
  #refusedAt = -Infinity
  /** The last failure of each address, so that a dial that fails again the same way is told once. */
  readonly #failures = new Map<string, string>()
  /** Public hosts at which others see this node. */
  readonly #seenAt = new Set<string>()
  /** Peer ids in the routing table. */
  readonly #listed = new Set<string>()
  readonly #stopping = new AbortController()
  readonly #dials: DialWatch | null
  #leaveDials: () => void = () => {}
  #taps: Taps | null = null

  constructor(components: ObserverComponents, options: ObserverOptions) {
    const { peer, clock, log, emit, peerNames = new Map() } = components
    const { settleMs = 3000, dialTimeoutMs: timeoutMs = 5000 } = options
    const { libp2p } = peer
    const dht = kadParts(peer.dht)
    this.#libp2p = libp2p
    this.#dht = dht
    this.#dials = peer.dials ?? null
    this.#ownId = libp2p.peerId.toString()
    this.#clock = clock
    this.#log = log
    this.#emit = emit
    const pingProtocol = hostServices(libp2p).ping?.protocol ?? null
    this.#lens = {
      libp2p,
      dht,
      scope: peer.config.addressScope,
      pingProtocol,
      fullGroupOf: (peerId) => fullGroup(peer, peerId),
      ownHosts: () => [...publicHosts(libp2p.getMultiaddrs()), ...this.#seenAt],
    }
    this.#dialBack = new DialBack({ libp2p, clock }, { timeoutMs })
    this.#records = new TargetRecords(
      MAX_RECORDS,
      ({ connections, peerId }) => connections.size > 0 || isListed(dht, peerId),
    )
    const protocolsNow = async (connection: Connection): Promise<string[] | null> =>
      (await this.#taps?.protocolsNow(connection)) ?? null
    this.#teller = new SightingTeller(
      {
        lens: this.#lens,
        clock,
        log,
        emit,
        protocolsNow,
        isClientByChoice: peer.config.kadMode === 'client',
        nameOf: (peerId) => peerNameOf(peerId, peerNames),
      },
      settleMs,
    )
    this.#identifying = new IdentifyWatch({
      libp2p,
      log,
      emit,
      records: this.#records,
      teller: this.#teller,
      isDialBack: (connection) => this.#dialBack.owns(connection),
    })
  }

  start(): void {
    if (this.#taps !== null || this.#stopping.signal.aborted) return
    this.#taps = tapPeer(this.#libp2p, this.#dht, {
      identifyFailed: (connection, error) => this.#identifying.failed(connection, error),
      identifyAnswered: (connection, record) => this.#identifying.answered(connection, record),
      pinged: (peerId, error) => {
        const fact = { ok: error === null, error: error === null ? null : describeError(error) }
        this.#change(peerId.toString(), { ping: fact })
      },
      tableUpdateStarted: (peerId) =>
        this.#changeUnlisted(peerId.toString(), {
          update: 'running',
          updateError: null,
          ping: null,
        }),
      tableUpdateEnded: (peerId, error) =>
        this.#changeUnlisted(peerId.toString(), {
          update: error === null ? 'ended' : 'failed',
          updateError: error === null ? null : describeError(error),
          removed: null,
        }),
      denied: (address, reason) => this.#onDenied(address.toString(), reason),
    })
    this.#watchDials()
    this.#libp2p.addEventListener('connection:open', this.#onOpen)
    this.#libp2p.addEventListener('peer:identify', this.#onIdentify)
    this.#libp2p.addEventListener('peer:update', this.#onPeerUpdate)
    this.#dht.routingTable.addEventListener('peer:add', this.#onAdd)
    this.#dht.routingTable.addEventListener('peer:remove', this.#onRemove)
    for (const peerId of listedPeers(this.#dht).map(String)) this.#listed.add(peerId)
    for (const connection of this.#libp2p.getConnections()) this.#adopt(connection)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#taps?.remove()
    this.#taps = null
    this.#leaveDials()
    this.#libp2p.removeEventListener('connection:open', this.#onOpen)
    this.#libp2p.removeEventListener('peer:identify', this.#onIdentify)
    this.#libp2p.removeEventListener('peer:update', this.#onPeerUpdate)
    this.#dht.routingTable.removeEventListener('peer:add', this.#onAdd)
    this.#dht.routingTable.removeEventListener('peer:remove', this.#onRemove)
    await this.#teller.stop(this.#records.values())
    this.#records.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async sightings(options: DiscoveryOptions = {}): Promise<Sighting[]> {
    const { signal, dialBack = false, again = false, targets = [] } = options
    signal?.throwIfAborted()
    if (dialBack) await this.dialBack({ signal, again: again && new Set(targets) })
    const stored = (await this.#libp2p.peerStore.all()).map(({ id }) => id.toString())
    const recorded = this.#records.values().map(({ peerId }) => peerId)
    const known = [...recorded, ...listedPeers(this.#dht).map(String), ...stored, ...targets]
    const others = new Set(known.filter((peerId) => peerId !== this.#ownId))
    return Promise.all(
      [...others].map(async (peerId) => {
        const record = this.#records.get(peerId) ?? newRecord(peerId)
        if (dialBack) await this.#teller.askAgain(record)
        return judge(await observe(this.#lens, record))
      }),
    )
  }

  async census(): Promise<Census> {
    return takeCensus(this.#lens, this.#records)
  }

  async dialBack({
    signal,
    again = false,
  }: AbortOptions & { again?: boolean | ReadonlySet<string> } = {}): Promise<void> {
    const startedAt = this.#clock.now()
    const left = await Promise.all(
      listedPeers(this.#dht).map(async (id) => this.#leftToDialBack(id.toString(), again)),
    )
    // In turn one address of each: who announces many does not keep the others waiting.
    await forEachOf(inTurn(left), MAX_DIAL_BACKS, async (address) => {
      // Whoever asks waits so long, and for the dials that were begun; the next one who asks gets the others.
      if (this.#clock.now() - startedAt >= BEGIN_DIAL_BACKS_MS) return
      await this.#dialFresh(address, signal)
    })
  }

  /** Addresses of a listed peer that have not been dialled back, with its peer id. */
  async #leftToDialBack(peerId: string, again: boolean | ReadonlySet<string>): Promise<string[]> {
    const observation = await observe(this.#lens, this.#records.of(peerId))
    const record = this.#records.of(peerId)
    const now = this.#clock.now()
    const isRecent = (address: string): boolean =>
      now - (record.dialledBackAt.get(address) ?? -Infinity) < RETRY_DIAL_BACK_MS
    // What failed may have been fixed since.
    const isDoubted = again === true || (again !== false && again.has(peerId))
    const tried = isDoubted
      ? []
      : freshDials(observation)
          .filter(({ ok, address }) => ok || isRecent(address))
          .map(({ address }) => address)
    return observation.kept
      .filter((address) => !tried.includes(address))
      .map((address) => addressOf(peerId, address))
  }

  async dial(address: string, { signal }: AbortOptions = {}): Promise<DialOutcome> {
    const { ok, kind, error, durationMs } = await this.#dialFresh(address, signal)
    return { address, ok, kind, error, durationMs }
  }

  dialled(address: string, error: unknown): void {
    if (error === null) {
      this.#failures.delete(address)
      return
    }
    const peer = peerIdOf(address)
    const bare = withoutPeerId(address)
    const failure = classifyDialError(error, this.#ownId)
    if (this.#failures.get(address) !== failure.kind) {
      if (this.#failures.size >= MAX_RECORDS) this.#failures.clear()
      this.#failures.set(address, failure.kind)
      const { kind } = failure
      this.#emit({ event: 'dial-failed', peer, address: bare, kind, error: failure.error })
    }
    if (peer === null || peer === this.#ownId) return
    const record = this.#records.of(peer)
    if (record.connections.size > 0) return
    record.dials.set(bare, dialEvidence({ address: bare, ok: false, ...failure }))
    this.#teller.touch(record)
  }

  demoted(peerId: string, why: string): void {
    this.#change(peerId, { unanswered: why })
  }

  readonly #onOpen = ({ detail: connection }: CustomEvent<Connection>): void => {
    if (this.#dialBack.owns(connection)) return
    const peer = connection.remotePeer.toString()
    const record = this.#records.of(peer)
    if (record.connections.size === 0) {
      const address = withoutPeerId(connection.remoteAddr.toString())
      this.#emit({ event: 'connected', peer, direction: connection.direction, address })
    }
    beginConnection(record, connection)
    connection.addEventListener('close', ({ error }) => this.#onClose(record, connection, error))
    this.#teller.settleSoon(record)
    this.#teller.touch(record)
  }

  #onClose(record: TargetRecord, connection: Connection, error: Error | undefined): void {
    record.connections.delete(connection.id)
    if (record.connections.size > 0 || this.#taps === null) return
    record.closed = { error: error === undefined ? null : describeError(error) }
    record.dialBack.clear()
    this.#teller.forget(record)
    this.#emit({ event: 'closed', peer: record.peerId })
    this.#teller.touch(record)
  }

  #watchDials(): void {
    const dials = this.#dials ?? watchDials(this.#libp2p, { clock: this.#clock })
    const leave = dials.onDial(({ target, error }) => {
      if (!this.#dialBack.isDialling(target)) this.dialled(target, error)
    })
    this.#leaveDials = () => {
      leave()
      if (this.#dials === null) dials.stop()
    }
  }

  /** A connection from before the observer's time: libp2p keeps nothing of its identify that could be trusted. */
  #adopt(connection: Connection): void {
    this.#onOpen(new CustomEvent('connection:open', { detail: connection }))
    const { identify } = hostServices(this.#libp2p)
    identify?.identify(connection).catch((error: unknown) => {
      this.#log.debug({ error: describeError(error) }, 'identify of an older connection failed')
    })
  }

  readonly #onIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    const { observedAddr } = detail
    for (const host of observedAddr === undefined ? [] : publicHosts([observedAddr])) {
      if (this.#seenAt.size < MAX_OWN_HOSTS) this.#seenAt.add(host)
    }
    this.#identifying.identified(detail)
  }

  readonly #onPeerUpdate = ({ detail }: CustomEvent<PeerUpdate>): void => {
    const record = this.#records.get(detail.peer.id.toString())
    if (record !== undefined) this.#teller.touch(record)
  }

  readonly #onAdd = ({ detail }: CustomEvent<PeerId>): void => {
    const record = this.#records.of(detail.toString())
    this.#listed.add(record.peerId)
    // The update that lists it may still be running, and is not looked at any more.
    Object.assign(record, { removed: null, unanswered: null, update: 'ended', updateError: null })
    void this.#tellListed(record)
  }

  async #tellListed(record: TargetRecord): Promise<void> {
    try {
      const { kept } = await observe(this.#lens, record)
      if (this.#taps !== null) {
        this.#emit({ event: 'listed', peer: record.peerId, addresses: kept })
      }
    } catch (error) {
      this.#log.debug({ peer: record.peerId, error: describeError(error) }, 'could not be read')
    }
    this.#teller.touch(record)
  }

  readonly #onRemove = ({ detail }: CustomEvent<PeerId>): void => {
    const record = this.#records.of(detail.toString())
    this.#listed.delete(record.peerId)
    const lastDial = [...record.dials.values()].at(-1)
    const gone = `it is gone${lastDial?.error === undefined ? '' : `: ${lastDial.error}`}`
    const crowdedOut = 'it did not answer a ping when another peer wanted its place'
    record.removed = record.connections.size > 0 ? (record.unanswered ?? crowdedOut) : gone
    this.#emit({ event: 'unlisted', peer: record.peerId, why: record.removed })
    this.#teller.touch(record)
  }

  #onDenied(address: string, error: string): void {
    const host = hostPort(address)?.host ?? address
    const now = this.#clock.now()
    if (now - (this.#deniedAt.get(host) ?? -Infinity) >= DENIED_EVERY_MS) {
      if (this.#deniedAt.size >= MAX_RECORDS) this.#deniedAt.clear()
      this.#deniedAt.set(host, now)
      this.#emit({ event: 'denied', address, error })
    }
    this.#refused += 1
    if (now - this.#refusedAt >= WARN_REFUSED_EVERY_MS) {
      this.#log.warn({ host, connections: this.#refused }, `connections are refused: ${error}`)
      this.#refused = 0
      this.#refusedAt = now
    }
    for (const record of this.#records.values()) {
      if (record.connections.size > 0 || !record.hosts.has(host)) continue
      record.denied = { address, error }
      this.#teller.touch(record)
    }
  }

  /** kad-dht verifies whoever a query names, this node itself too. */
  #change(peerId: string, change: Partial<TargetRecord>): void {
    if (peerId === this.#ownId) return
    const record = this.#records.of(peerId)
    Object.assign(record, change)
    this.#teller.touch(record)
  }

  /** kad-dht asks to list every peer that any answer names, most of them listed long since: that must cost nothing. */
  #changeUnlisted(peerId: string, change: Partial<TargetRecord>): void {
    if (!this.#listed.has(peerId)) this.#change(peerId, change)
  }

  async #dialFresh(address: string, signal: AbortSignal | undefined): Promise<DialOutcome> {
    const outcome = await this.#dialBack.dial(address, {
      signal: eitherSignal(signal, this.#stopping.signal),
    })
    const peer = peerIdOf(address)
    if (peer !== null && peer !== this.#ownId) {
      const record = this.#records.of(peer)
      const evidence = dialEvidence(outcome)
      record.dialBack.set(evidence.address, evidence)
      record.dialledBackAt.set(evidence.address, this.#clock.now())
      const { ok, kind } = outcome
      this.#emit({ event: 'dialled-back', peer, address: evidence.address, ok, kind })
      this.#teller.touch(record)
    }
    return outcome
  }
}

/** The first of each list, then the second of each, and so on. */
function inTurn(lists: readonly (readonly string[])[]): string[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  ).flat()
}

function fullGroup(
  { shares }: ObserverComponents['peer'],
  peerId: string,
): { network: string; limit: number } | null {
  const full = shares?.fullFor(peerIdFromString(peerId)) ?? null
  return full === null ? null : { network: full.from, limit: full.most }
}

/** The hosts of addresses that count as public. */
function publicHosts(addresses: readonly Multiaddr[]): string[] {
  return addresses.flatMap((address) => {
    const host = isPrivate(address) ? undefined : hostPort(address.toString())?.host
    return host === undefined ? [] : [host]
  })
}
