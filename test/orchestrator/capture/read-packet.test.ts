import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readPacket } from '#orchestrator/capture/read-packet.ts'
import { packetToBytes } from '#orchestrator/fabric/sim/packet-bytes.ts'
import type { Packet } from '#orchestrator/fabric/sim/packet.ts'
import { tcpSegment } from '#test/support/tcp-segment.ts'

const source = { address: '10.2.0.10', port: 33_828 }
const destination = { address: '11.0.0.11', port: 3000 }
const segment = tcpSegment(source, destination)

function saysOf(packet: Packet): string | undefined {
  return readPacket(packetToBytes(packet))?.says
}

describe('the headers of a packet', () => {
  it('say from where to where it goes, and what it does', () => {
    const bytes = packetToBytes({ ...segment, syn: true, ack: false })
    assert.deepEqual(readPacket(bytes), {
      from: '10.2.0.10:33828',
      to: '11.0.0.11:3000',
      says: 'TCP SYN',
      bytes: 40,
      about: null,
    })
    assert.equal(saysOf({ ...segment, syn: true }), 'TCP SYN ACK')
    assert.equal(saysOf(segment), 'TCP ACK')
    assert.equal(saysOf({ ...segment, payload: Buffer.from('hello') }), 'TCP 5 bytes')
    assert.equal(saysOf({ ...segment, fin: true }), 'TCP FIN')
    assert.equal(saysOf({ ...segment, rst: true, ack: false }), 'TCP RST')
    const datagram = { protocol: 'udp', source, destination, payload: Buffer.from('hi') } as const
    assert.equal(saysOf(datagram), 'UDP 2 bytes')
  })

  it('say of an error which packet it is about', () => {
    const error: Packet = {
      protocol: 'icmp',
      source: { address: '10.2.0.1', port: 0 },
      destination: { address: '10.2.0.10', port: 0 },
      kind: 'host-unreachable',
      about: { ...segment, syn: true, ack: false },
    }
    const head = readPacket(packetToBytes(error))
    assert.equal(head?.says, 'ICMP host unreachable')
    assert.deepEqual([head?.from, head?.to], ['10.2.0.1', '10.2.0.10'])
    assert.equal(head?.about?.from, '10.2.0.10:33828')
  })

  it('are read from a part of a larger buffer, and refused where they are cut off', () => {
    const bytes = packetToBytes(segment)
    const within = Buffer.concat([Buffer.from('before'), bytes]).subarray(6)
    assert.deepEqual(readPacket(within), readPacket(bytes))
    for (let length = 0; length < 40; length++) {
      assert.equal(readPacket(bytes.subarray(0, length)), null, String(length))
    }
    assert.equal(readPacket(Buffer.alloc(60, 0x60)), null)
  })
})
