import type { NatConfig, Protocol } from '#orchestrator/net/nat.ts'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'
import { Mapping } from './nat-mapping.ts'
import { PortPool } from './nat-ports.ts'
import {
  formatEndpoint,
  type IcmpError,
  type Packet,
  type TcpSegment,
  type UdpDatagram,
} from './packet.ts'
import type { Random } from './random.ts'

/** Why a router let a packet through no further. */
export type DropReason =
  /** From outside, to an address that is not the router's. */
  | 'not-ours'
  /** From outside, to a port that nobody inside has mapped. */
  | 'no-mapping'
  /** From outside, to a mapped port, from somebody whom the filter keeps out. */
  | 'filtered'
  /** From inside, to the router's own outside address, and it does not hairpin (RFC 4787 section 6). */
  | 'no-hairpin'
  /** From inside, from a host that has no public address of its own (1:1). */
  | 'no-outside-address'
  /** Every outside port is taken. */
  | 'no-free-port'

export type NatVerdict = { to: 'inside' | 'outside'; packet: Packet } | { drop: DropReason }

export interface NatCounters {
  out: number
  in: number
  hairpinned: number
  dropped: Partial<Record<DropReason, number>>
  mappingsMade: number
}

export interface NatOptions {
  /** The address that mappings get; further ones come from the configuration's 1:1 pairs. */
  outsideAddress: string
  random: Random
}

type Transport = TcpSegment | UdpDatagram

/**
 * The NAT of one router, in the terms of RFC 4787 (UDP), RFC 5382 (TCP) and RFC 5508 (ICMP errors): a state machine
 * that is told the time and does no I/O.
 *
 * A mapping lives as long as one of its sessions. As on Linux, a TCP segment in the middle of a connection makes a
 * mapping too, so established connections outlive `flush` wherever the inside end speaks first and ports are preserved.
 */
export class Nat {
  readonly counters: NatCounters = { out: 0, in: 0, hairpinned: 0, dropped: {}, mappingsMade: 0 }
  #config: NatConfig
  readonly #outsideAddress: string
  readonly #random: Random
  #publicOf: ReadonlyMap<string, string> = new Map()
  #privateOf: ReadonlyMap<string, string> = new Map()
  readonly #byKey = new Map<string, Mapping>()
  readonly #byOutside = new Map<string, Mapping>()
  /** By inside and remote endpoint: an answer leaves by the mapping through which the question came. */
  readonly #byFlow = new Map<string, Mapping>()
  #ports: PortPool

  constructor(config: NatConfig, options: NatOptions) {
    this.#config = config
    this.#outsideAddress = options.outsideAddress
    this.#random = options.random
    this.#pair()
    this.#ports = this.#newPorts()
  }

  /**
   * Does as another configuration says from now on. As on Linux, whose connection tracking outlives a change of the rules,
   * sessions that there are go on as they are; nobody else gets in by their mappings, and nothing new goes out by them.
   */
  configure(config: NatConfig): void {
    this.#config = config
    this.#pair()
    for (const mapping of this.#byOutside.values()) mapping.retire()
    this.#byKey.clear()
    this.#ports = this.#newPorts()
    for (const { protocol, outside } of this.#byOutside.values()) {
      if (outside.address === this.#outsideAddress) this.#ports.reserve(protocol, outside.port)
    }
  }

  /** Judges and translates a packet that an inside host sent. */
  outbound(packet: Packet, nowMs: number): NatVerdict {
    if (packet.protocol === 'icmp') return this.#outboundError(packet)
    const mapping = this.#mappingForOutbound(packet, nowMs)
    if (typeof mapping === 'string') return this.#drop(mapping)
    const translated: Transport = { ...packet, source: mapping.outside }
    const turnsBack = this.#owns(packet.destination.address)
    if (turnsBack && !this.#config.hairpin) return this.#drop('no-hairpin')
    this.#note(mapping, packet, packet.destination, 'out', nowMs)
    if (turnsBack) {
      const verdict = this.inbound(translated, nowMs)
      if (!('drop' in verdict)) this.counters.hairpinned += 1
      return verdict
    }
    this.counters.out += 1
    return { to: 'outside', packet: translated }
  }

  /** Judges and translates a packet that came from outside. */
  inbound(packet: Packet, nowMs: number): NatVerdict {
    if (!this.#owns(packet.destination.address)) return this.#drop('not-ours')
    if (packet.protocol === 'icmp') return this.#inboundError(packet)
    const { protocol, source, destination } = packet
    const known = this.#liveByOutside(protocol, destination, nowMs)
    const isOfItsOwn = known?.retired === true && !known.hasSessionWith(source)
    const mapping = (isOfItsOwn ? null : known) ?? this.#openTo(packet)
    if (mapping === null) return this.#drop('no-mapping')
    if (!this.#admits(mapping, source)) return this.#drop('filtered')
    this.#note(mapping, packet, source, 'in', nowMs)
    this.counters.in += 1
    return { to: 'inside', packet: { ...packet, destination: mapping.inside } }
  }

  /** Forgets all mappings and sessions, as a router that was switched off and on. */
  flush(): void {
    this.#byKey.clear()
    this.#byOutside.clear()
    this.#byFlow.clear()
    this.#ports = this.#newPorts()
  }

  /** Forgets what has expired, and returns the mappings that live. */
  mappings(nowMs: number): Mapping[] {
    for (const mapping of this.#byOutside.values()) this.#isLive(mapping, nowMs)
    return [...this.#byOutside.values()]
  }

  #pair(): void {
    const { oneToOne } = this.#config
    this.#publicOf = new Map(oneToOne.map((pair) => [pair.private, pair.public]))
    this.#privateOf = new Map(oneToOne.map((pair) => [pair.public, pair.private]))
  }

  #mappingForOutbound(packet: Transport, nowMs: number): Mapping | DropReason {
    const { protocol, source, destination } = packet
    const answering = this.#byFlow.get(flowKey(protocol, source, destination))
    if (answering !== undefined && this.#isLive(answering, nowMs)) return answering
    const key = this.#keyOf(protocol, source, destination)
    const known = this.#byKey.get(key)
    if (known !== undefined && this.#isLive(known, nowMs)) return known
    return this.#create(protocol, source, key, nowMs)
  }

  #create(protocol: Protocol, inside: Endpoint, key: string, nowMs: number): Mapping | DropReason {
    if (this.#config.oneToOne.length > 0) {
      const address = this.#publicOf.get(inside.address)
      if (address === undefined) return 'no-outside-address'
      return this.#add(protocol, inside, { address, port: inside.port }, key)
    }
    const forward = this.#config.mapping === 'EI' ? this.#forwardTo(protocol, inside) : undefined
    if (forward !== undefined) {
      return this.#add(protocol, inside, { address: this.#outsideAddress, port: forward.port }, key)
    }
    // What has expired still holds its port until it is looked at.
    this.mappings(nowMs)
    const port = this.#ports.take(protocol, inside.port)
    if (port === null) return 'no-free-port'
    return this.#add(protocol, inside, { address: this.#outsideAddress, port }, key)
  }

  /** A mapping for what may come in though nobody inside has spoken: a forwarded or an allowed port. */
  #openTo(packet: Transport): Mapping | null {
    const { protocol, destination } = packet
    const address = this.#privateOf.get(destination.address)
    const forward = this.#forwardFrom(protocol, destination)
    const inside =
      address !== undefined && this.#isAllowed(protocol, destination.port)
        ? { address, port: destination.port }
        : forward === undefined
          ? null
          : { address: forward.to, port: forward.toPort }
    if (inside === null) return null
    return this.#add(protocol, inside, destination, this.#keyOf(protocol, inside, packet.source))
  }

  #admits(mapping: Mapping, remote: Endpoint): boolean {
    const { protocol, outside } = mapping
    if (mapping.retired) return mapping.hasSessionWith(remote)
    if (this.#forwardFrom(protocol, outside) !== undefined) return true
    // A security group is stateful for each flow: what it does not allow must have been asked for.
    const isPaired = this.#config.oneToOne.length > 0
    if (isPaired && this.#isAllowed(protocol, outside.port)) return true
    const filtering = isPaired ? 'APD' : this.#config.filtering
    if (filtering === 'EI') return true
    if (filtering === 'AD') return mapping.hasSessionWithAddress(remote.address)
    return mapping.hasSessionWith(remote)
  }

  #note(
    mapping: Mapping,
    packet: Transport,
    remote: Endpoint,
    direction: 'out' | 'in',
    nowMs: number,
  ): void {
    mapping.note(packet, remote, direction, nowMs)
    this.#byFlow.set(flowKey(mapping.protocol, mapping.inside, remote), mapping)
  }

  #add(protocol: Protocol, inside: Endpoint, outside: Endpoint, key: string): Mapping {
    const mapping = new Mapping({ protocol, inside, outside, key }, this.#config.timeouts)
    this.#byKey.set(key, mapping)
    this.#byOutside.set(endpointKey(protocol, outside), mapping)
    this.counters.mappingsMade += 1
    return mapping
  }

  #liveByOutside(protocol: Protocol, outside: Endpoint, nowMs: number): Mapping | null {
    const mapping = this.#byOutside.get(endpointKey(protocol, outside))
    return mapping !== undefined && this.#isLive(mapping, nowMs) ? mapping : null
  }

  /** Forgets sessions that have expired, and the mapping where none is left. */
  #isLive(mapping: Mapping, nowMs: number): boolean {
    const { protocol, inside, outside } = mapping
    for (const session of mapping.expire(nowMs)) {
      this.#byFlow.delete(flowKey(protocol, inside, session.remote))
    }
    if (!mapping.isIdle) return true
    if (this.#byKey.get(mapping.key) === mapping) this.#byKey.delete(mapping.key)
    const place = endpointKey(protocol, outside)
    // Another may have taken the place of one that is retired.
    if (this.#byOutside.get(place) !== mapping) return false
    this.#byOutside.delete(place)
    const isStatic = this.#forwardFrom(protocol, outside) !== undefined
    if (!isStatic && !this.#privateOf.has(outside.address)) {
      this.#ports.release(protocol, outside.port)
    }
    return false
  }

  /** RFC 5508 section 4: the packet inside an error is translated back, and so is the error's destination. */
  #inboundError(error: IcmpError): NatVerdict {
    const { about } = error
    const mapping = this.#byOutside.get(endpointKey(about.protocol, about.source))
    if (mapping === undefined) return this.#drop('no-mapping')
    const destination = { address: mapping.inside.address, port: 0 }
    const original = { ...about, source: mapping.inside }
    return { to: 'inside', packet: { ...error, destination, about: original } }
  }

  #outboundError(error: IcmpError): NatVerdict {
    const { about } = error
    const mapping = this.#byFlow.get(flowKey(about.protocol, about.destination, about.source))
    if (mapping === undefined) return this.#drop('no-mapping')
    const source = { address: mapping.outside.address, port: 0 }
    const original = { ...about, destination: mapping.outside }
    return { to: 'outside', packet: { ...error, source, about: original } }
  }

  #keyOf(protocol: Protocol, inside: Endpoint, remote: Endpoint): string {
    const key = endpointKey(protocol, inside)
    if (this.#config.oneToOne.length > 0 || this.#config.mapping === 'EI') return key
    return `${key}>${this.#config.mapping === 'AD' ? remote.address : formatEndpoint(remote)}`
  }

  #owns(address: string): boolean {
    return address === this.#outsideAddress || this.#privateOf.has(address)
  }

  #isAllowed(protocol: Protocol, port: number): boolean {
    return this.#config.allow.some((rule) => rule.protocol === protocol && rule.port === port)
  }

  #forwardFrom(protocol: Protocol, outside: Endpoint): NatConfig['forwards'][number] | undefined {
    if (outside.address !== this.#outsideAddress) return undefined
    return this.#config.forwards.find(
      (rule) => rule.protocol === protocol && rule.port === outside.port,
    )
  }

  #forwardTo(protocol: Protocol, inside: Endpoint): NatConfig['forwards'][number] | undefined {
    return this.#config.forwards.find(
      (rule) =>
        rule.protocol === protocol && rule.to === inside.address && rule.toPort === inside.port,
    )
  }

  #newPorts(): PortPool {
    const ports = new PortPool(this.#config.ports, this.#random)
    for (const { protocol, port } of this.#config.forwards) ports.reserve(protocol, port)
    return ports
  }

  #drop(reason: DropReason): NatVerdict {
    this.counters.dropped[reason] = (this.counters.dropped[reason] ?? 0) + 1
    return { drop: reason }
  }
}

function endpointKey(protocol: Protocol, endpoint: Endpoint): string {
  return `${protocol} ${endpoint.address}:${endpoint.port}`
}

function flowKey(protocol: Protocol, inside: Endpoint, remote: Endpoint): string {
  return `${protocol} ${inside.address}:${inside.port}>${remote.address}:${remote.port}`
}
