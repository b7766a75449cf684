import type { MappingTimeouts, Protocol } from '#orchestrator/net/nat.ts'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'
import { formatEndpoint, type TcpSegment, type UdpDatagram } from './packet.ts'

export type Direction = 'out' | 'in'

/** Where a TCP connection stands, as far as a router on its way can tell (RFC 5382 section 5). */
export type SessionPhase = 'opening' | 'established' | 'closing'

/** What one inside endpoint exchanges with one remote endpoint. */
export class Session {
  readonly remote: Endpoint
  readonly #seen = { out: false, in: false }
  readonly #ended = { out: false, in: false }
  #reset = false
  #lastUsedMs = 0

  constructor(remote: Endpoint) {
    this.remote = remote
  }

  get phase(): SessionPhase {
    if (this.#reset || (this.#ended.out && this.#ended.in)) return 'closing'
    return this.#seen.out && this.#seen.in ? 'established' : 'opening'
  }

  /** Both directions keep a session alive, as on Linux; RFC 4787 REQ-6 asks for the outbound one. */
  note(packet: TcpSegment | UdpDatagram, direction: Direction, nowMs: number): void {
    this.#lastUsedMs = nowMs
    if (packet.protocol === 'tcp' && packet.syn && !packet.ack) this.#reopen()
    this.#seen[direction] = true
    if (packet.protocol === 'udp') return
    if (packet.fin) this.#ended[direction] = true
    if (packet.rst) this.#reset = true
  }

  /** The moment from which the session is forgotten, in milliseconds of the caller's clock. */
  expiresMs(protocol: Protocol, timeouts: MappingTimeouts): number {
    if (protocol === 'udp') return this.#lastUsedMs + timeouts.udpMs
    const idleMs =
      this.phase === 'established' ? timeouts.tcpEstablishedMs : timeouts.tcpTransitoryMs
    return this.#lastUsedMs + idleMs
  }

  /** A new connection between the endpoints of one that has ended. */
  #reopen(): void {
    if (this.phase !== 'closing') return
    this.#reset = false
    this.#seen.out = this.#seen.in = this.#ended.out = this.#ended.in = false
  }
}

/** An inside endpoint and the outside endpoint that stands for it, with the sessions that keep it alive. */
export class Mapping {
  readonly protocol: Protocol
  readonly inside: Endpoint
  readonly outside: Endpoint
  /** The key under which outbound packets find it; see `Dependence`. */
  readonly key: string
  readonly #timeouts: MappingTimeouts
  readonly #sessions = new Map<string, Session>()
  /** No session expires before this moment: saves a look at all of them for each packet. */
  #nextExpiryMs = Number.POSITIVE_INFINITY
  #retired = false

  constructor(
    init: Pick<Mapping, 'protocol' | 'inside' | 'outside' | 'key'>,
    timeouts: MappingTimeouts,
  ) {
    this.protocol = init.protocol
    this.inside = init.inside
    this.outside = init.outside
    this.key = init.key
    this.#timeouts = timeouts
  }

  get sessions(): Iterable<Session> {
    return this.#sessions.values()
  }

  /** True for one of rules that are no more: its sessions go on, and it takes no other. */
  get retired(): boolean {
    return this.#retired
  }

  retire(): void {
    this.#retired = true
  }

  get isIdle(): boolean {
    return this.#sessions.size === 0
  }

  hasSessionWith(remote: Endpoint): boolean {
    return this.#sessions.has(formatEndpoint(remote))
  }

  hasSessionWithAddress(address: string): boolean {
    return this.#sessions.values().some((session) => session.remote.address === address)
  }

  note(
    packet: TcpSegment | UdpDatagram,
    remote: Endpoint,
    direction: Direction,
    nowMs: number,
  ): void {
    const remoteKey = formatEndpoint(remote)
    let session = this.#sessions.get(remoteKey)
    if (session === undefined) {
      session = new Session(remote)
      this.#sessions.set(remoteKey, session)
    }
    session.note(packet, direction, nowMs)
    const expiresMs = session.expiresMs(this.protocol, this.#timeouts)
    this.#nextExpiryMs = Math.min(this.#nextExpiryMs, expiresMs)
  }

  /** Forgets the sessions that have expired, and returns them. */
  expire(nowMs: number): Session[] {
    if (nowMs < this.#nextExpiryMs) return []
    this.#nextExpiryMs = Number.POSITIVE_INFINITY
    const expired: Session[] = []
    for (const [remoteKey, session] of this.#sessions) {
      const expiresMs = session.expiresMs(this.protocol, this.#timeouts)
      if (expiresMs > nowMs) {
        this.#nextExpiryMs = Math.min(this.#nextExpiryMs, expiresMs)
        continue
      }
      this.#sessions.delete(remoteKey)
      expired.push(session)
    }
    return expired
  }
}
