import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { captureHead, capturedPacket } from '#orchestrator/capture/pcapng.ts'

/** Types and bodies of the blocks, whose lengths stand at both of their ends. */
function blocks(bytes: Uint8Array): { type: number; body: Buffer }[] {
  const all = Buffer.from(bytes)
  const found: { type: number; body: Buffer }[] = []
  for (let at = 0; at < all.length;) {
    const length = all.readUInt32LE(at + 4)
    assert.equal(length % 4, 0)
    assert.equal(all.readUInt32LE(at + length - 4), length)
    found.push({ type: all.readUInt32LE(at), body: all.subarray(at + 8, at + length - 4) })
    at += length
  }
  return found
}

describe('a capture file', () => {
  it('begins with its byte order, interfaces in order, and names', () => {
    const interfaces = ['internet', 'a'].map((name) => ({ name, about: `network ${name}` }))
    const [section, first, second, names] = blocks(
      captureHead('ü', interfaces, [['10.1.0.10', 'A']]),
    )
    assert.deepEqual([section?.type, section?.body.readUInt32LE(0)], [0x0a0d0d0a, 0x1a2b3c4d])
    assert.ok(section?.body.includes('ü'))
    assert.deepEqual([first?.type, first?.body.readUInt16LE(0)], [1, 101])
    assert.ok(first?.body.includes('network internet') && second?.body.includes('network a'))
    assert.deepEqual(
      names?.body.subarray(0, 12),
      Buffer.from([1, 0, 6, 0, 10, 1, 0, 10, 65, 0, 0, 0]),
    )
  })

  it('has each packet with its interface, its microsecond and its bytes, padded', () => {
    const [packet] = blocks(capturedPacket(3, 1_767_225_600_000.25, Buffer.from('abcde')))
    assert.ok(packet !== undefined)
    assert.equal(packet.type, 6)
    const [at, high, low, kept, whole] = [0, 4, 8, 12, 16].map((at) => packet.body.readUInt32LE(at))
    assert.deepEqual([at, kept, whole], [3, 5, 5])
    assert.equal((BigInt(high ?? 0) << 32n) | BigInt(low ?? 0), 1_767_225_600_000_250n)
    assert.deepEqual(packet.body.subarray(20), Buffer.from('abcde\0\0\0'))
  })
})
