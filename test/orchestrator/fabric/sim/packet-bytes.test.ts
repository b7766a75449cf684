import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checksum, packetToBytes } from '#orchestrator/fabric/sim/packet-bytes.ts'
import type { UdpDatagram } from '#orchestrator/fabric/sim/packet.ts'
import { tcpSegment } from '#test/support/tcp-segment.ts'

const source = { address: '10.1.0.10', port: 3000 }
const destination = { address: '11.0.0.12', port: 40_000 }
const segment = tcpSegment(source, destination, {
  sequence: 2 ** 32 + 7,
  acknowledged: 9,
  window: 1_000_000,
  payload: Buffer.from('odd'),
})
const datagram: UdpDatagram = { protocol: 'udp', source, destination, payload: Buffer.from('hi') }

/** The sum over a part and its own checksum is nothing (RFC 1071). */
function assertSums(bytes: Buffer): void {
  assert.equal(checksum([bytes.subarray(0, 20)]), 0)
  const body = bytes.subarray(20)
  if (bytes[9] === 1) {
    assert.equal(checksum([body]), 0)
    return
  }
  const pseudo = Buffer.concat([
    bytes.subarray(12, 20),
    Buffer.from([0, bytes[9] ?? 0, 0, body.length]),
  ])
  assert.equal(checksum([pseudo, body]), 0)
}

describe('a packet as bytes', () => {
  it('is checked as RFC 1071 says', () => {
    // The example of the RFC.
    assert.equal(
      checksum([Buffer.from([0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7])]),
      0xff_ff & ~0xdd_f2,
    )
  })

  it('is IPv4 with a TCP header over the payload that crosses', () => {
    const bytes = Buffer.from(packetToBytes(segment))
    assert.deepEqual([bytes[0], bytes.readUInt16BE(2), bytes[9]], [0x45, 43, 6])
    assert.deepEqual([...bytes.subarray(12, 20)], [10, 1, 0, 10, 11, 0, 0, 12])
    assert.deepEqual([bytes.readUInt16BE(20), bytes.readUInt16BE(22)], [3000, 40_000])
    assert.deepEqual([bytes.readUInt32BE(24), bytes.readUInt32BE(28)], [7, 9])
    assert.deepEqual([bytes[33], bytes.readUInt16BE(34)], [0x18, 65_535])
    assert.equal(bytes.subarray(40).toString(), 'odd')
    assertSums(bytes)
    const [syn, rst, fin] = [
      { ...segment, syn: true, ack: false, payload: Buffer.alloc(0) },
      { ...segment, rst: true, payload: Buffer.alloc(0) },
      { ...segment, fin: true, payload: Buffer.alloc(0) },
    ].map((each) => packetToBytes(each)[33])
    assert.deepEqual([syn, rst, fin], [0x02, 0x14, 0x11])
  })

  it('is UDP, and ICMP about what could not be delivered', () => {
    const udp = Buffer.from(packetToBytes(datagram))
    assert.deepEqual([udp[9], udp.readUInt16BE(24), udp.subarray(28).toString()], [17, 10, 'hi'])
    assertSums(udp)
    const about = {
      protocol: 'icmp',
      source: destination,
      destination: source,
      about: segment,
    } as const
    const icmp = Buffer.from(packetToBytes({ ...about, kind: 'host-unreachable' }))
    assert.deepEqual([icmp[9], icmp[20], icmp[21], icmp.length], [1, 3, 1, 56])
    assertSums(icmp)
    assert.deepEqual(icmp.subarray(28), Buffer.from(packetToBytes(segment)).subarray(0, 28))
  })
})
