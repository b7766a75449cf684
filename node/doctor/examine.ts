import type { Connection, IdentifyResult } from '@libp2p/interface'
import { PING_PROTOCOL } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'
import type { AbortOptions } from '../base/abort-options.ts'
import { describeError } from '../base/errors.ts'
import { visible } from '../base/visible.ts'
import { checkAsked } from '../discovery/asked-peer.ts'
import { DialBack, dialEvidence } from '../discovery/dial-back.ts'
import type { DialErrorKind, DialEvidence } from '../judgement/causes.ts'
import { classifyDialError } from '../judgement/dial-error.ts'
import { HANDSHAKE_KINDS } from '../judgement/handshake-error.ts'
import { implementationOf } from '../judgement/implementation.ts'
import { judge } from '../judgement/judge.ts'
import { isKademlia } from '../judgement/kademlia-names.ts'
import { otherTransportOf, peerIdOf, reachOf, withoutPeerId } from '../judgement/multiaddr-facts.ts'
import {
  type AddressScope,
  emptyObservation,
  type IdentifyFact,
  type Observation,
} from '../judgement/observation.ts'
import { libp2pParts } from '../patches/parts.ts'
import { dialRules, inScope } from '../peer/address-scope.ts'
import { type Clock, systemClock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import {
  type AnnouncedAddress,
  type Check,
  CHECKS,
  type Diagnosis,
  isDead,
  NOT_GONE,
} from './diagnosis.ts'
import { explainDnsaddr } from './dnsaddr.ts'
import { closerPeers } from './find-node.ts'
import {
  createStranger,
  endStranger,
  GRACE_MS,
  type ExamineComponents,
  type Stranger,
} from './stranger.ts'

export interface ExamineOptions extends AbortOptions {
  /** The Kademlia protocol that the peer should speak. */
  protocol: string
  /** Which addresses count. */
  scope: AddressScope
  /** Dial announced private addresses too. They are those of somebody in the operator's own LAN, if of anybody. */
  dialPrivate: boolean
  /** Longest time for all of it, in milliseconds; a step takes at most half of that. */
  timeoutMs: number
  /** Told what is being done, as a few words. */
  onProgress?: (text: string) => void
}

/**
 * Examines a live peer of any implementation as a stranger meets it: dials it, asks who it is and what it announces,
 * asks it by Kademlia, and tries each address that it announces on a fresh connection. A peer that fails is a finding,
 * not an error.
 *
 * @param address a multiaddr, with or without a peer id
 * @throws the signal's reason where it aborts
 */
export async function examine(
  address: string,
  options: ExamineOptions,
  components: ExamineComponents = {},
): Promise<Diagnosis> {
  const { clock = systemClock } = components
  // What a person types is dialled, wherever it leads.
  const rules = dialRules({ dialPrivate: options.dialPrivate, bootstrap: [address] })
  const libp2p = await createStranger(components, rules, stepLimitMs(options.timeoutMs))
  try {
    return await new Examination(address, options, libp2p, clock).run()
  } finally {
    await endStranger(libp2p, components)
  }
}

function stepLimitMs(timeoutMs: number): number {
  return timeoutMs / 2
}

/** Dials that something answers at the other end. */
const ANSWERED: ReadonlySet<DialErrorKind> = new Set([
  'wrong-peer-id',
  'own-address',
  'denied',
  ...HANDSHAKE_KINDS,
])

/** Addresses dialled back, all at once; who announces more is not worth more sockets. */
const MAX_DIAL_BACKS = 64

class Examination {
  readonly #address: string
  readonly #options: ExamineOptions
  readonly #libp2p: Stranger
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #checks: Check[] = []
  readonly #observation: Observation

  constructor(address: string, options: ExamineOptions, libp2p: Stranger, clock: Clock) {
    this.#address = address
    this.#options = options
    this.#libp2p = libp2p
    this.#clock = clock
    this.#startedAt = clock.now()
    const observer = {
      peerId: libp2p.peerId.toString(),
      mode: 'server',
      scope: options.scope,
      protocol: options.protocol,
      pingProtocol: PING_PROTOCOL,
      connections: null,
      hosts: [],
    } as const
    // Nothing comes later that is not there when the examination ends.
    this.#observation = { ...emptyObservation(peerIdOf(address) ?? '', observer), settled: true }
  }

  #tell(text: string): void {
    this.#options.onProgress?.(text)
  }

  async run(): Promise<Diagnosis> {
    this.#tell(`dialling ${this.#address}`)
    const connection = await this.#dial()
    const identified = connection === null ? null : await this.#identify(connection)
    if (connection?.status === 'open') {
      this.#tell('asking it by Kademlia')
      // Also where identify failed: what works beside it is worth knowing.
      const [, answers] = await Promise.all([
        this.#askKademlia(connection, identified),
        this.#ping(connection),
        identified === null ? null : this.#dialBack(),
      ])
      this.#checks.sort((one, other) => CHECKS.indexOf(one.name) - CHECKS.indexOf(other.name))
      if (identified === null) return this.#diagnosis()
      // What a stranger's Kademlia would do: verify by a ping, then list at what its filter keeps.
      const offers = identified.protocols.includes(this.#options.protocol)
      const serves = offers && this.#observation.kademliaError === null
      const listed = serves && answers && this.#observation.kept.length > 0
      this.#observation.table = { ...this.#observation.table, listed, update: 'ended' }
    }
    return this.#diagnosis()
  }

  #note(name: Check['name'], ok: boolean | null, detail: string): void {
    this.#checks.push({ name, ok, detail })
  }

  /** Runs one step with its own time limit. */
  async #step<T>(work: (signal: AbortSignal) => Promise<T>, graceMs = 0): Promise<T> {
    return within(this.#clock, this.#stepMs() + graceMs, this.#options.signal, work)
  }

  /** Milliseconds that a step which begins now may take. */
  #stepMs(): number {
    const { timeoutMs } = this.#options
    const left = this.#startedAt + timeoutMs - this.#clock.now()
    return Math.max(1, Math.min(stepLimitMs(timeoutMs), left))
  }

  async #dial(): Promise<Connection | null> {
    const target = multiaddr(this.#address)
    try {
      const connection = await this.#step(
        (signal) => this.#libp2p.dial(target, { signal }),
        GRACE_MS,
      )
      checkAsked(connection, this.#address)
      this.#observation.peerId = connection.remotePeer.toString()
      const remoteAddress = withoutPeerId(connection.remoteAddr.toString())
      this.#observation.connections.push({
        direction: 'outbound',
        remoteAddress,
        limited: connection.limits !== undefined,
      })
      this.#note('dial', true, `${remoteAddress} answers`)
      this.#note('handshake', true, `it is ${this.#observation.peerId}`)
      return connection
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      const met = explainDnsaddr(this.#address, error)
      const failure = classifyDialError(met, this.#libp2p.peerId.toString())
      const { kind, answeredBy } = failure
      const bare = withoutPeerId(this.#address)
      this.#observation.dials.push(dialEvidence({ address: bare, ok: false, ...failure }))
      const answered = ANSWERED.has(kind)
      this.#note('dial', answered, answered ? `${bare} answers` : `${kind}: ${failure.error}`)
      if (answered) {
        const detail = answeredBy === null ? `${kind}: ${failure.error}` : `it is ${answeredBy}`
        this.#note('handshake', false, detail)
      }
      return null
    }
  }

  async #identify(connection: Connection): Promise<IdentifyResult | null> {
    try {
      this.#tell('asking who it is')
      const found = await this.#step((signal) =>
        this.#libp2p.services.identify.identify(connection, { signal }),
      )
      // Some announce an address twice, with their peer id and without.
      const announced = [
        ...new Set(found.listenAddrs.map((address) => withoutPeerId(address.toString()))),
      ]
      const kept = announced.filter((address) => this.#keeps(address))
      this.#observation.identify = {
        state: 'done',
        agent: found.agentVersion === undefined ? null : visible(found.agentVersion),
        protocols: found.protocols,
        announced,
        announcedKept: kept,
        staleRecord: false,
      }
      this.#observation.stored = announced
      this.#observation.kept = kept
      this.#note('identify', true, visible(found.agentVersion ?? 'it names no agent'))
      return found
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      const text = describeError(error)
      if (connection.status !== 'open') {
        this.#deniedAfterHandshake(text)
        return null
      }
      this.#observation.identify = { state: 'failed', error: text }
      this.#note('identify', false, text)
      return null
    }
  }

  /** Where the muxer is agreed within the handshake, the dial has ended before the other side denies it. */
  #deniedAfterHandshake(error: string): void {
    const [connection] = this.#observation.connections.splice(0)
    const kind = 'denied-after-handshake'
    const address = connection?.remoteAddress ?? withoutPeerId(this.#address)
    this.#observation.dials.push({ address, ok: false, kind, error })
    this.#note('identify', false, `it ends the connection at once: ${error}`)
  }

  async #askKademlia(connection: Connection, identified: IdentifyResult | null): Promise<void> {
    const { protocol } = this.#options
    if (identified !== null && !identified.protocols.includes(protocol)) {
      const others = identified.protocols.filter((one) => isKademlia(one)).map(visible)
      const instead = others.length === 0 ? '' : `; it offers ${others.join(' and ')}`
      this.#note('kademlia', false, `it does not offer ${protocol}${instead}`)
      return
    }
    try {
      const key = connection.remotePeer.toMultihash().bytes
      const closer = await this.#step((signal) =>
        closerPeers(connection, protocol, key, { signal }),
      )
      const others = closer.filter((one) => one !== this.#observation.peerId).length
      this.#note('kademlia', true, `${protocol}; it names ${counted(others, 'other peer')}`)
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      const text = describeError(error)
      if (identified !== null) this.#observation.kademliaError = text
      const claim = identified === null ? 'it does not serve' : 'it offers'
      this.#note('kademlia', false, `${claim} ${protocol} and does not answer: ${text}`)
    }
  }

  async #ping(connection: Connection): Promise<boolean> {
    try {
      const roundTripMs = await this.#step((signal) =>
        this.#libp2p.services.ping.ping(connection.remotePeer, { signal }),
      )
      this.#observation.ping = { ok: true, error: null }
      this.#note('ping', true, `${Math.round(roundTripMs)} ms`)
      return true
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      this.#observation.ping = { ok: false, error: describeError(error) }
      this.#note('ping', false, describeError(error))
      return false
    }
  }

  /** Tries what the peer announces on fresh connections: the public addresses, the others only where that was asked for. */
  async #dialBack(): Promise<void> {
    const { peerId, stored: own } = this.#observation
    const { signal } = this.#options
    const timeoutMs = this.#stepMs()
    const dialBack = new DialBack({ libp2p: this.#libp2p, clock: this.#clock }, { timeoutMs })
    const tried = own
      .filter((address) => this.#whyNotDialled(address) === null)
      .slice(0, MAX_DIAL_BACKS)
    let ended = 0
    const tell = (): void => this.#tell(`addresses tried: ${ended} of ${tried.length}`)
    tell()
    const found = await Promise.all(
      tried.map(async (address) => {
        const outcome = await dialBack.dial(`${address}/p2p/${peerId}`, { signal })
        ended += 1
        tell()
        return outcome
      }),
    )
    this.#observation.dialBack.push(...found.map(dialEvidence))
    const worked = found.filter(({ ok }) => ok).length
    const dead = this.#observation.dialBack.filter((dial) => isDead(dial)).length
    const left = own
      .filter((address) => !tried.includes(address))
      .map((address) => this.#whyNotDialled(address) ?? 'too many')
    left.push(...found.flatMap(({ kind }) => (kind === null ? [] : (NOT_GONE[kind] ?? []))))
    const isPlain = found.some(({ ok, address }) => ok && otherTransportOf(address) === null)
    const detail = dialBackText({ dead, worked, isPlain, left })
    this.#note('dial-back', worked + dead === 0 ? null : worked > 0, detail)
  }

  /** What keeps the doctor from dialling an address: its transport, or that it is private. Null where nothing does. */
  #whyNotDialled(address: string): string | null {
    const isAllowed = reachOf(address) === 'public' || this.#options.dialPrivate
    return this.#untriedTransportOf(address) ?? (isAllowed ? null : 'private')
  }

  /** The transport that an address needs and this doctor does not speak. */
  #untriedTransportOf(address: string): string | null {
    const other = otherTransportOf(address)
    return other === null || dials(this.#libp2p, address) ? null : other
  }

  #keeps(address: string): boolean {
    return inScope(this.#options.scope, multiaddr(address))
  }

  #diagnosis(): Diagnosis {
    const sighting = judge(this.#observation)
    const { identify: fact } = this.#observation
    const agent = agentOf(fact)
    return {
      schema: 'kadlab.doctor/1',
      address: this.#address,
      healthy: sighting.rung === 'dialable' && this.#checks.every(({ ok }) => ok === true),
      peerId: this.#observation.connections.length > 0 ? this.#observation.peerId : null,
      agent,
      implementation: implementationOf(agent),
      checks: this.#checks,
      announced: fact.state === 'done' ? fact.announced.map((each) => this.#announced(each)) : null,
      sighting,
    }
  }

  #announced(address: string): AnnouncedAddress {
    const isThis = (dial: DialEvidence): boolean => dial.address === address
    const dial = this.#observation.dialBack.find(isThis) ?? null
    const isExamined = this.#observation.connections.some(
      ({ remoteAddress }) => remoteAddress === address,
    )
    const sources: AnnouncedAddress['sources'] = ['identify']
    if (isExamined) sources.push('dial')
    if (dial !== null) sources.push('dial-back')
    return {
      address,
      state: stateOf(dial, isExamined),
      sources,
      reach: reachOf(address),
      kept: this.#keeps(address),
      otherTransport: this.#untriedTransportOf(address),
      dial,
    }
  }
}

function dials(libp2p: Stranger, address: string): boolean {
  const { transportManager } = libp2pParts(libp2p)
  return transportManager.dialTransportForMultiaddr(multiaddr(address)) !== undefined
}

/** A fresh connection says most; where none was tried, that the examination itself came in there. */
function stateOf(dial: DialEvidence | null, isExamined: boolean): AnnouncedAddress['state'] {
  if (dial === null || (!dial.ok && !isDead(dial))) return isExamined ? 'confirmed' : 'unverified'
  return dial.ok ? 'confirmed' : 'unreachable'
}

function agentOf(fact: IdentifyFact): string | null {
  return fact.state === 'done' ? fact.agent : null
}

/**
 * `1 of 3 announced addresses leads to it; 2 not tried (1 private, 1 QUIC)`.
 *
 * @param dead how many lead nowhere
 * @param worked how many lead to it
 * @param isPlain whether one of those that worked is over plain TCP
 * @param left why each of those that were not tried was not
 */
function dialBackText({
  dead,
  worked,
  isPlain,
  left,
}: {
  dead: number
  worked: number
  isPlain: boolean
  left: readonly string[]
}): string {
  const kinds = Map.groupBy(left, (why) => why)
  const why = [...kinds].map(([kind, { length }]) => `${length} ${kind}`).join(', ')
  const tried = worked + dead
  const parts = [
    tried > 0 &&
      `${worked} of ${counted(tried, 'announced address', 'es')} lead${worked === 1 || tried === 1 ? 's' : ''} to it`,
    dead > 0 && worked > 0 && `${dead} ${dead === 1 ? 'is' : 'are'} dead, which others try in vain`,
    worked > 0 && !isPlain && `none of them over plain TCP, which is all that kadlab's nodes speak`,
    left.length > 0 && `${left.length} not tried (${why})`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? 'it announces no address' : parts.join('; ')
}

function counted(count: number, what: string, plural = 's'): string {
  return `${count} ${what}${count === 1 ? '' : plural}`
}
