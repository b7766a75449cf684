import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'

/** What travels over the simulated network. Packets are never changed: a router makes a new one. */
export type Packet = (UdpDatagram | TcpSegment | IcmpError) & {
  /** The host that sent it first, where somebody asks; a router leaves it as it is. */
  readonly from?: string
}

export interface UdpDatagram {
  readonly protocol: 'udp'
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly payload: Uint8Array
}

export interface TcpSegment {
  readonly protocol: 'tcp'
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly syn: boolean
  readonly ack: boolean
  readonly fin: boolean
  readonly rst: boolean
  /** Sequence number of the first byte. Counts on without wrapping. */
  readonly sequence: number
  /** The next sequence number that the sender expects; meaningless without `ack`. */
  readonly acknowledged: number
  /** Bytes that the sender has room for. */
  readonly window: number
  readonly payload: Uint8Array
}

/** An ICMP destination-unreachable message (RFC 792). Ports of its endpoints are 0. */
export interface IcmpError {
  readonly protocol: 'icmp'
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly kind: 'net-unreachable' | 'host-unreachable'
  /** The packet that could not be delivered, as the sender of this message saw it. */
  readonly about: TcpSegment | UdpDatagram
}

const ipHeaderBytes = 20
const headerBytes = { tcp: 20, udp: 8, icmp: 36 } as const

/** Bytes on the wire, IP header included. */
export function packetBytes(packet: Packet): number {
  const payload = packet.protocol === 'icmp' ? 0 : packet.payload.byteLength
  return ipHeaderBytes + headerBytes[packet.protocol] + payload
}

/** `address:port`. */
export function formatEndpoint(endpoint: Endpoint): string {
  return `${endpoint.address}:${endpoint.port}`
}
