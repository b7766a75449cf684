import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { FrameReader } from '#node/kad/frames.ts'
import {
  decodeMessage,
  decodeRecord,
  encodeFrame,
  encodeRecord,
  MESSAGE_TYPES,
  type WirePeer,
} from '#node/kad/message.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const peers = fc.array(
  fc.record({
    id: fc.uint8Array({ maxLength: 40 }),
    multiaddrs: fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 4 }),
  }),
  { maxLength: 4 },
)

describe('Kademlia messages', () => {
  it('are the bytes of the specification', () => {
    // type = FIND_NODE (field 1, varint 4), key = 'x' (field 2), with the length before it.
    assert.equal(hex(encodeFrame({ type: 'FIND_NODE', key: bytes('x') })), '050804120178')
    // PUT_VALUE is type 0, which proto3 leaves out; the record is field 3: key 'x' (1), value 'v' (2).
    const record = encodeRecord({ key: bytes('x'), value: bytes('v') })
    assert.equal(hex(record), '0a0178120176')
    assert.equal(
      hex(encodeFrame({ type: 'PUT_VALUE', key: bytes('x'), record })),
      '0b1201781a060a0178120176',
    )
    // A closer peer is field 8: its id (1) and one address (2).
    const closer = [{ id: Buffer.from('01', 'hex'), multiaddrs: [Buffer.from('02', 'hex')] }]
    assert.equal(
      hex(encodeFrame({ type: 'PING', closer })),
      '0a0805420 60a0101120102'.replace(' ', ''),
    )
  })

  it('come back as they were sent, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MESSAGE_TYPES),
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        peers,
        peers,
        (type, key, closer, providers) => {
          const [frame] = new FrameReader(10_000).push(
            encodeFrame({ type, key, closer, providers }),
          )
          const read = decodeMessage(frame ?? assert.fail())
          const plain = ({ id, multiaddrs }: WirePeer): string[] => [
            hex(id),
            ...multiaddrs.map(hex),
          ]
          assert.equal(read.type, type)
          assert.equal(hex(read.key ?? assert.fail()), hex(key))
          assert.deepEqual(read.closer.map(plain), closer.map(plain))
          assert.deepEqual(read.providers.map(plain), providers.map(plain))
        },
      ),
    )
  })

  it('are read whatever fields others add, and refused where they end too early', () => {
    // rust-libp2p adds publisher (666) and ttl (777) to a record.
    const added = Buffer.concat([
      encodeRecord({ key: bytes('x'), value: bytes('v') }),
      Buffer.from('d229020102', 'hex'),
      Buffer.from('c8300a', 'hex'),
    ])
    assert.deepEqual(
      Object.values(decodeRecord(added)).map((each) => String(Buffer.from(each as Uint8Array))),
      ['x', 'v'],
    )
    for (const broken of ['0a05', '0a', '08', 'ff', '0b', '0880808080808080808080808001', '0809']) {
      assert.throws(() => decodeMessage(Buffer.from(broken, 'hex')), { name: 'ProtobufError' })
    }
  })

  it('are refused where a field has no number, as in nothing but zeros', () => {
    assert.throws(() => decodeMessage(new Uint8Array(79_000)), { name: 'ProtobufError' })
  })

  it('of 10,000 random ones none does anything but be read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
        for (const read of [decodeMessage, decodeRecord]) {
          try {
            read(random)
          } catch (error) {
            assert.equal((error as Error).name, 'ProtobufError')
          }
        }
      }),
      { numRuns: 10_000 },
    )
  })
})

describe('frames', () => {
  it('come out whole, however the stream was cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }),
        fc.array(fc.nat(700), { maxLength: 20 }),
        (contents, cuts) => {
          const frames = contents.map((key) => encodeFrame({ type: 'PING', key }))
          const stream = Buffer.concat(frames)
          const reader = new FrameReader(400)
          const ends = [...cuts.filter((cut) => cut < stream.length), stream.length]
          const found: Uint8Array[] = []
          let start = 0
          for (const end of ends.toSorted((one, other) => one - other)) {
            found.push(...reader.push(stream.subarray(start, end)))
            start = end
          }
          const keys = found.map((frame) => hex(decodeMessage(frame).key ?? assert.fail()))
          assert.deepEqual(keys, contents.map(hex))
          assert.equal(reader.pendingBytes, 0)
        },
      ),
    )
  })

  it('that are too long are refused by what they say, before they come', () => {
    const reader = new FrameReader(1000)
    assert.deepEqual(reader.push(Buffer.from([0xe8])), [])
    assert.throws(() => reader.push(Buffer.from([0x08])), { name: 'FrameTooLongError' })
    const endless = Buffer.alloc(6, 0xff)
    assert.throws(() => new FrameReader(1000).push(endless), { name: 'FrameTooLongError' })
  })
})
