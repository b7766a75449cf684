import type { IcmpError, Packet, TcpSegment, UdpDatagram } from './packet.ts'

const NUMBER = { icmp: 1, tcp: 6, udp: 17 } as const
const FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const

/** A packet as it would be on a wire: an IPv4 header, TCP, UDP or ICMP, and the payload that crosses. */
export function packetToBytes(packet: Packet): Uint8Array {
  const body = bodyOf(packet)
  const header = Buffer.alloc(20)
  header[0] = 0x45
  header.writeUInt16BE(header.length + body.length, 2)
  // Nothing is fragmented.
  header.writeUInt16BE(0x4000, 6)
  header[8] = 64
  header[9] = NUMBER[packet.protocol]
  header.set(octets(packet.source.address), 12)
  header.set(octets(packet.destination.address), 16)
  header.writeUInt16BE(checksum([header]), 10)
  return Buffer.concat([header, body])
}

function bodyOf(packet: Packet): Buffer {
  switch (packet.protocol) {
    case 'tcp':
      return summed(packet, Buffer.concat([tcpHeader(packet), packet.payload]), 16)
    case 'udp':
      return summed(packet, Buffer.concat([udpHeader(packet), packet.payload]), 6)
    case 'icmp':
      return icmpBody(packet)
  }
}

function tcpHeader(segment: TcpSegment): Buffer {
  const { source, destination, sequence, acknowledged, window, payload } = segment
  const header = Buffer.alloc(20)
  header.writeUInt16BE(source.port, 0)
  header.writeUInt16BE(destination.port, 2)
  header.writeUInt32BE(sequence % 2 ** 32, 4)
  if (segment.ack) header.writeUInt32BE(acknowledged % 2 ** 32, 8)
  header[12] = 5 << 4
  header[13] =
    (segment.fin ? FLAG.fin : 0) |
    (segment.syn ? FLAG.syn : 0) |
    (segment.rst ? FLAG.rst : 0) |
    (payload.length > 0 ? FLAG.psh : 0) |
    (segment.ack ? FLAG.ack : 0)
  // The simulated window is not scaled: a header has room for 16 bits of it.
  header.writeUInt16BE(Math.max(0, Math.min(0xff_ff, window)), 14)
  return header
}

function udpHeader({ source, destination, payload }: UdpDatagram): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(source.port, 0)
  header.writeUInt16BE(destination.port, 2)
  header.writeUInt16BE(8 + payload.length, 4)
  return header
}

/** Destination unreachable, with the beginning of the packet that it is about (RFC 792). */
function icmpBody({ kind, about }: IcmpError): Buffer {
  const header = Buffer.alloc(8)
  header[0] = 3
  header[1] = kind === 'net-unreachable' ? 0 : 1
  const body = Buffer.concat([header, packetToBytes(about).subarray(0, 28)])
  body.writeUInt16BE(checksum([body]), 2)
  return body
}

/** With the checksum over the pseudo-header too, as TCP and UDP have it. */
function summed({ protocol, source, destination }: Packet, body: Buffer, at: number): Buffer {
  const pseudo = Buffer.alloc(12)
  pseudo.set(octets(source.address), 0)
  pseudo.set(octets(destination.address), 4)
  pseudo[9] = NUMBER[protocol]
  pseudo.writeUInt16BE(body.length, 10)
  body.writeUInt16BE(checksum([pseudo, body]), at)
  return body
}

/** The Internet checksum (RFC 1071). */
export function checksum(parts: readonly Buffer[]): number {
  let sum = 0
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) {
      sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0)
    }
  }
  while (sum > 0xff_ff) sum = (sum & 0xff_ff) + Math.floor(sum / 0x1_00_00)
  return ~sum & 0xff_ff
}

function octets(address: string): number[] {
  return address.split('.').map(Number)
}
