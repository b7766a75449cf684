import type { Connection, IdentifyResult, Libp2p, PeerUpdate } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { CallOptions, DialOutcome, DiscoveryOptions, Sighting } from '../api/node-api.ts'
import type { NodeEventBody } from '../api/node-event.ts'
import type { Clock, Timer } from '../clock.ts'
import { describeError } from '../errors.ts'
import { CAUSES } from './causes.ts'
import { addressOf, DialBack, dialEvidence } from './dial-back.ts'
import { classifyDialError } from './dial-error.ts'
import { judge } from './judge.ts'
import { isListed, listedPeerIds } from './kad-internals.ts'
import type { ObservedDht, PeerEvent } from './kad-internals.ts'
import { reaches } from './ladder.ts'
import { hostPort, peerIdOf, withoutPeerId } from './multiaddr-facts.ts'
import { freshDials } from './observation.ts'
import type { AddressScope } from './observation.ts'
import { tapPeer } from './taps.ts'
import type { Taps } from './taps.ts'
import { beginConnection, identifiedFrom, newRecord, observe, storedPeer } from './target-record.ts'
import type { Lens, TargetRecord } from './target-record.ts'

/** What is observed: the peer of this node. */
export interface ObservedPeer {
  libp2p: Libp2p
  /** The service that kad-dht's `kadDHT()` makes. */
  dht: KadDHT
  config: { addressScope: AddressScope }
}

export interface ObserverComponents {
  peer: ObservedPeer
  clock: Clock
  log: ObserverLog
  emit: (event: NodeEventBody) => void
}

/** As of pino: fields first, then the message. */
export interface ObserverLog {
  warn(fields: object, message: string): void
  debug(fields: object, message: string): void
}

export interface ObserverOptions {
  /** Milliseconds without a change after which what is missing counts as missing, and is warned of. Default 5000. */
  settleMs?: number
  /** Milliseconds for each address that is dialled back. Default 5000. */
  dialTimeoutMs?: number
}

/** Watches one node's peers climb the ladder. */
export interface Observer extends AsyncDisposable {
  /** Begins to watch. Best before the peer starts: what happened earlier is asked for anew. */
  start(): void
  /** Ends watching, and every timer and dial of the observer's own. May be called twice. */
  stop(): Promise<void>
  /** One sighting for each peer that the node has heard of, and for each of `targets`. */
  sightings(options?: DiscoveryOptions): Promise<Sighting[]>
  /** Dials every listed peer that has not been dialled back yet, at each address under which it is listed. */
  dialBack(options?: CallOptions): Promise<void>
  /** Dials one multiaddr on a fresh connection and closes it. Never rejects for a failed dial. */
  dial(address: string, options?: CallOptions): Promise<DialOutcome>
  /** Takes note of a dial that failed before any transport was asked (a name that does not resolve, a refused address). */
  dialled(address: string, error: unknown): void
}

/** Disconnected peers beyond these are forgotten, the oldest first. */
const MAX_RECORDS = 4096
/** Refused connections of one host are told once in this time. */
const DENIED_EVERY_MS = 1000

/** Makes the observer of one peer; nothing happens before `start`. */
export function createObserver(
  components: ObserverComponents,
  options: ObserverOptions = {},
): Observer {
  return new PeerObserver(components, options)
}

class PeerObserver implements Observer {
  readonly #libp2p: Libp2p
  readonly #dht: ObservedDht
  readonly #clock: Clock
  readonly #log: ObserverLog
  readonly #emit: (event: NodeEventBody) => void
  readonly #lens: Lens
  readonly #dialBack: DialBack
  readonly #settleMs: number
  readonly #records = new Map<string, TargetRecord>()
  readonly #signedRecords = new WeakMap<Connection, Uint8Array | null>()
  readonly #deniedAt = new Map<string, number>()
  /** The last failure of each address, so that a dial that fails again the same way is told once. */
  readonly #failures = new Map<string, string>()
  #taps: Taps | null = null
  #stopping = new AbortController()
  #warnedOfClient = false

  constructor({ peer, clock, log, emit }: ObserverComponents, options: ObserverOptions) {
    this.#libp2p = peer.libp2p
    this.#dht = peer.dht as unknown as ObservedDht
    this.#clock = clock
    this.#log = log
    this.#emit = emit
    this.#settleMs = options.settleMs ?? 5000
    const { dialTimeoutMs } = options
    this.#dialBack = new DialBack(
      { libp2p: peer.libp2p, clock },
      dialTimeoutMs === undefined ? {} : { timeoutMs: dialTimeoutMs },
    )
    const { services } = peer.libp2p as unknown as { services: { ping?: { protocol?: string } } }
    this.#lens = {
      libp2p: peer.libp2p,
      dht: this.#dht,
      scope: peer.config.addressScope,
      pingProtocol: services.ping?.protocol ?? null,
    }
  }

  start(): void {
    if (this.#taps !== null) return
    this.#stopping = new AbortController()
    this.#taps = tapPeer(this.#libp2p, this.#dht, {
      identifyFailed: (connection, error) => this.#onIdentifyFailed(connection, error),
      identifyAnswered: (connection, record) => this.#signedRecords.set(connection, record),
      pinged: (peerId, error) =>
        this.#update(peerId.toString(), (record) => {
          record.ping = { ok: error === null, error: error === null ? null : describeError(error) }
        }),
      tableUpdateStarted: (peerId) =>
        this.#update(peerId.toString(), (record) => {
          Object.assign(record, { update: 'running', updateError: null, ping: null })
        }),
      tableUpdateEnded: (peerId, error) =>
        this.#update(peerId.toString(), (record) => {
          record.update = error === null ? 'ended' : 'failed'
          record.updateError = error === null ? null : describeError(error)
          record.removed = null
        }),
      dialled: (address, error) => {
        if (!this.#dialBack.isDialling(address.toString())) this.dialled(address.toString(), error)
      },
      denied: (address, reason) => this.#onDenied(address.toString(), reason),
    })
    this.#libp2p.addEventListener('connection:open', this.#onOpen)
    this.#libp2p.addEventListener('peer:identify', this.#onIdentify)
    this.#libp2p.addEventListener('peer:update', this.#onPeerUpdate)
    this.#dht.routingTable.addEventListener('peer:add', this.#onAdd)
    this.#dht.routingTable.addEventListener('peer:remove', this.#onRemove)
    for (const connection of this.#libp2p.getConnections()) this.#adopt(connection)
  }

  async stop(): Promise<void> {
    if (this.#taps === null) return
    this.#taps.remove()
    this.#taps = null
    this.#libp2p.removeEventListener('connection:open', this.#onOpen)
    this.#libp2p.removeEventListener('peer:identify', this.#onIdentify)
    this.#libp2p.removeEventListener('peer:update', this.#onPeerUpdate)
    this.#dht.routingTable.removeEventListener('peer:add', this.#onAdd)
    this.#dht.routingTable.removeEventListener('peer:remove', this.#onRemove)
    this.#stopping.abort()
    const records = [...this.#records.values()]
    for (const record of records) this.#stopSettling(record)
    await Promise.allSettled(records.flatMap(({ judging }) => judging ?? []))
    this.#records.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async sightings(options: DiscoveryOptions = {}): Promise<Sighting[]> {
    const { signal, dialBack = false, targets = [] } = options
    signal?.throwIfAborted()
    if (dialBack) await this.dialBack(signal === undefined ? {} : { signal })
    const stored = (await this.#libp2p.peerStore.all()).map(({ id }) => id.toString())
    const known = [...this.#records.keys(), ...listedPeerIds(this.#dht), ...stored, ...targets]
    const others = new Set(known.filter((peerId) => peerId !== this.#libp2p.peerId.toString()))
    return Promise.all(
      [...others].map(async (peerId) => {
        const record = this.#records.get(peerId) ?? newRecord(peerId)
        if (dialBack) await this.#askAgain(record)
        return judge(await observe(this.#lens, record))
      }),
    )
  }

  async dialBack({ signal }: CallOptions = {}): Promise<void> {
    await Promise.all(
      listedPeerIds(this.#dht).map(async (peerId) => {
        const record = this.#recordOf(peerId)
        const observation = await observe(this.#lens, record)
        const tried = freshDials(observation).map(({ address }) => address)
        const left = observation.kept.filter((address) => !tried.includes(address))
        // One after another: libp2p joins dials of one peer.
        for (const address of left) await this.#dialFresh(addressOf(peerId, address), signal)
        await this.#touch(record)
      }),
    )
  }

  async dial(address: string, { signal }: CallOptions = {}): Promise<DialOutcome> {
    const { ok, kind, error, durationMs } = await this.#dialFresh(address, signal)
    return { address, ok, kind, error, durationMs }
  }

  dialled(address: string, error: unknown): void {
    const peer = peerIdOf(address)
    const bare = withoutPeerId(address)
    if (error === null) {
      this.#failures.delete(address)
      return
    }
    const failure = classifyDialError(error, this.#libp2p.peerId.toString())
    if (this.#failures.get(address) !== failure.kind) {
      this.#failures.set(address, failure.kind)
      const { kind } = failure
      this.#emit({ event: 'dial-failed', peer, address: bare, kind, error: failure.error })
    }
    if (peer === null) return
    const record = this.#recordOf(peer)
    if (record.connections.size > 0) return
    record.dials.set(bare, dialEvidence({ address: bare, ok: false, ...failure }))
    void this.#touch(record)
  }

  readonly #onOpen = ({ detail: connection }: CustomEvent<Connection>): void => {
    if (this.#dialBack.owns(connection)) return
    const peer = connection.remotePeer.toString()
    const record = this.#recordOf(peer)
    if (record.connections.size === 0) {
      const address = withoutPeerId(connection.remoteAddr.toString())
      this.#emit({ event: 'connected', peer, direction: connection.direction, address })
    }
    beginConnection(record, connection)
    connection.addEventListener('close', (event) => {
      this.#onClose(record, connection, event.error)
    })
    this.#settleAgain(record)
    void this.#touch(record)
  }

  #onClose(record: TargetRecord, connection: Connection, error: Error | undefined): void {
    record.connections.delete(connection.id)
    if (record.connections.size > 0 || this.#taps === null) return
    record.closed = { error: error === undefined ? null : describeError(error) }
    record.dialBack.clear()
    this.#stopSettling(record)
    this.#emit({ event: 'closed', peer: record.peerId })
    void this.#touch(record)
  }

  /** A connection from before the observer's time: libp2p keeps nothing of its identify that could be trusted. */
  #adopt(connection: Connection): void {
    this.#onOpen(new CustomEvent('connection:open', { detail: connection }))
    const { services } = this.#libp2p as unknown as {
      services: { identify?: { identify(connection: Connection): Promise<unknown> } }
    }
    services.identify?.identify(connection).catch((error: unknown) => {
      this.#log.debug({ error: describeError(error) }, 'identify of an older connection failed')
    })
  }

  readonly #onIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    const peer = detail.peerId.toString()
    const record = this.#recordOf(peer)
    const before = record.identify
    const stored = detail.signedPeerRecord
    // A push comes without the record that it carried; what libp2p kept is the old one if its number has not moved.
    const isOldRecord =
      stored !== undefined &&
      before.state === 'done' &&
      before.seq === stored.seq &&
      !sameAddresses(detail.listenAddrs, stored.addresses)
    record.identify = identifiedFrom(detail, isOldRecord)
    record.protocolsNow = null
    record.settled = false
    if (!this.#dialBack.owns(detail.connection)) {
      this.#emit({
        event: 'identified',
        peer,
        agent: detail.agentVersion ?? null,
        addresses: detail.listenAddrs.map(String),
        protocols: detail.protocols,
        observed: detail.observedAddr?.toString() ?? null,
      })
    }
    this.#settleAgain(record)
    void this.#compareRecords(record, detail.connection).then(() => this.#touch(record))
  }

  /** libp2p keeps the older of two signed records without a word: what came is then not what is stored. */
  async #compareRecords(record: TargetRecord, connection: Connection): Promise<void> {
    const received = this.#signedRecords.get(connection)
    this.#signedRecords.delete(connection)
    const { identify } = record
    if (received === undefined || received === null || identify.state !== 'done') return
    try {
      const stored = (await storedPeer(this.#libp2p, record.peerId))?.peerRecordEnvelope
      identify.staleRecord = stored !== undefined && Buffer.compare(stored, received) !== 0
    } catch (error) {
      this.#log.debug({ error: describeError(error) }, 'the stored record could not be read')
    }
  }

  #onIdentifyFailed(connection: Connection, error: unknown): void {
    const record = this.#records.get(connection.remotePeer.toString())
    const isNews = record?.connections.has(connection.id) === true && connection.status === 'open'
    if (!isNews || record.identify.state === 'done') return
    record.identify = { state: 'failed', error: describeError(error) }
    this.#emit({ event: 'identify-failed', peer: record.peerId, error: record.identify.error })
    this.#settleAgain(record)
    void this.#touch(record)
  }

  readonly #onPeerUpdate = ({ detail }: CustomEvent<PeerUpdate>): void => {
    const record = this.#records.get(detail.peer.id.toString())
    if (record !== undefined) void this.#touch(record)
  }

  readonly #onAdd = ({ detail }: PeerEvent): void => {
    const record = this.#recordOf(detail.toString())
    record.removed = null
    void this.#tellListed(record)
  }

  async #tellListed(record: TargetRecord): Promise<void> {
    try {
      const { kept } = await observe(this.#lens, record)
      if (this.#taps !== null) {
        this.#emit({ event: 'listed', peer: record.peerId, addresses: kept })
      }
    } catch (error) {
      this.#complain(error)
    }
    await this.#touch(record)
  }

  readonly #onRemove = ({ detail }: PeerEvent): void => {
    const peer = detail.toString()
    const record = this.#recordOf(peer)
    const lastDial = [...record.dials.values()].at(-1)
    const why =
      record.connections.size > 0
        ? 'it did not answer a ping when another peer wanted its place'
        : `it is gone${lastDial?.error === undefined ? '' : `: ${lastDial.error}`}`
    record.removed = why
    this.#emit({ event: 'unlisted', peer, why })
    void this.#touch(record)
  }

  #onDenied(address: string, error: string): void {
    const host = hostPort(address)?.host ?? address
    const now = this.#clock.now()
    if (now - (this.#deniedAt.get(host) ?? -Infinity) >= DENIED_EVERY_MS) {
      if (this.#deniedAt.size >= MAX_RECORDS) this.#deniedAt.clear()
      this.#deniedAt.set(host, now)
      this.#emit({ event: 'denied', address, error })
    }
    for (const record of this.#records.values()) {
      if (record.connections.size > 0 || !record.hosts.has(host)) continue
      record.denied = { address, error }
      void this.#touch(record)
    }
  }

  #recordOf(peerId: string): TargetRecord {
    const known = this.#records.get(peerId)
    if (known !== undefined) return known
    if (this.#records.size >= MAX_RECORDS) this.#forgetOldest()
    const record = newRecord(peerId)
    this.#records.set(peerId, record)
    return record
  }

  #forgetOldest(): void {
    for (const { peerId, connections } of this.#records.values()) {
      if (connections.size > 0 || isListed(this.#dht, peerId)) continue
      this.#records.delete(peerId)
      return
    }
  }

  #update(peerId: string, change: (record: TargetRecord) => void): void {
    const record = this.#recordOf(peerId)
    change(record)
    void this.#touch(record)
  }

  async #dialFresh(address: string, signal: AbortSignal | undefined): Promise<DialOutcome> {
    const stopping = this.#stopping.signal
    const both = signal === undefined ? stopping : AbortSignal.any([signal, stopping])
    const outcome = await this.#dialBack.dial(address, { signal: both })
    const peer = peerIdOf(address)
    if (peer !== null) {
      const record = this.#recordOf(peer)
      const evidence = dialEvidence(outcome)
      record.dialBack.set(evidence.address, evidence)
      const { ok, kind } = outcome
      this.#emit({ event: 'dialled-back', peer, address: evidence.address, ok, kind })
      void this.#touch(record)
    }
    return outcome
  }

  /** Whether a target that offered no Kademlia does so by now; asking changes nothing at libp2p. */
  async #askAgain(record: TargetRecord): Promise<void> {
    const { identify } = record
    if (identify.state !== 'done' || identify.protocols.includes(this.#dht.protocol)) return
    const connection = record.connections.values().next().value
    if (connection === undefined || this.#taps === null) return
    try {
      record.protocolsNow = await this.#taps.protocolsNow(connection)
    } catch (error) {
      this.#log.debug({ peer: record.peerId, error: describeError(error) }, 'identify failed')
    }
  }

  /** Judges a target anew and tells of it where the answer is another one; changes in the meantime are judged once. */
  async #touch(record: TargetRecord): Promise<void> {
    if (this.#taps === null) return
    if (record.judging !== null) {
      record.again = true
      return record.judging
    }
    record.judging = this.#judgeAndTell(record)
    try {
      await record.judging
    } finally {
      record.judging = null
    }
  }

  async #judgeAndTell(record: TargetRecord): Promise<void> {
    do {
      record.again = false
      try {
        const sighting = judge(await observe(this.#lens, record))
        if (this.#taps === null) return
        this.#tell(record, sighting)
      } catch (error) {
        this.#complain(error)
      }
    } while (record.again)
  }

  #tell(record: TargetRecord, { rung, cause, evidence, remedy }: Sighting): void {
    if (record.told?.rung === rung && record.told.cause === cause) return
    record.told = { rung, cause }
    this.#emit({ event: 'sighting', peer: record.peerId, rung, cause, evidence, remedy })
    if (reaches(rung, 'listed')) record.warned = null
    else if (record.connections.size > 0) this.#settleAgain(record)
  }

  #settleAgain(record: TargetRecord): void {
    this.#stopSettling(record)
    const timer: Timer = this.#clock.setTimeout(() => {
      if (record.settling !== timer) return
      record.settling = null
      void this.#settle(record).catch((error: unknown) => this.#complain(error))
    }, this.#settleMs)
    record.settling = timer
  }

  #stopSettling(record: TargetRecord): void {
    if (record.settling !== null) this.#clock.clearTimeout(record.settling)
    record.settling = null
  }

  /** Nothing has changed for a while: what is missing now is missing for good, and this is the sentence to say so. */
  async #settle(record: TargetRecord): Promise<void> {
    record.settled = true
    await this.#askAgain(record)
    await this.#touch(record)
    if (this.#taps === null || record.connections.size === 0) return
    this.#warnOfClient()
    const sighting = judge(await observe(this.#lens, record))
    const { cause, rung, evidence, remedy } = sighting
    if (cause === null || reaches(rung, 'listed') || isPassing(cause)) return
    if (record.warned === cause) return
    record.warned = cause
    this.#log.warn(
      { peer: record.peerId, rung, cause, evidence },
      `connected and not listed: ${CAUSES[cause].meaning}. ${remedy?.text ?? ''}`,
    )
  }

  #warnOfClient(): void {
    if (this.#warnedOfClient || this.#dht.getMode() !== 'client') return
    this.#warnedOfClient = true
    this.#log.warn(
      {},
      'this node is a Kademlia client: no other node will list it. KAD_MODE=server makes it a server.',
    )
  }

  #complain(error: unknown): void {
    this.#log.debug({ error: describeError(error) }, 'a peer could not be judged')
  }
}

/** True for a cause that ends by itself within seconds. */
function isPassing(cause: keyof typeof CAUSES): boolean {
  return cause === 'PENDING' || cause === 'IDENTIFY_PENDING'
}

function sameAddresses(one: readonly Multiaddr[], other: readonly Multiaddr[]): boolean {
  return one.length === other.length && one.every((address) => other.some((b) => b.equals(address)))
}
