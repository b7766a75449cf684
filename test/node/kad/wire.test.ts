import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import type { Stream } from '@libp2p/interface'
import { Contacts } from '#node/kad/distance.ts'
import { encodeFrame, encodeRecord } from '#node/kad/message.ts'
import { createLoopbackPeer, type LoopbackPeer } from '#test/node/store/loopback-peer.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The Kademlia streams that a peer has open to others. */
function outbound({ libp2p, wire }: LoopbackPeer): Stream[] {
  return libp2p
    .getConnections()
    .flatMap(({ streams }) => streams)
    .filter((each) => each.protocol === wire.kad.protocol && each.direction === 'outbound')
}

const contactOf = ({ peerId }: LoopbackPeer) => new Contacts().of(peerId)

function put(key: string, value: Uint8Array, of = key) {
  const record = encodeRecord({ key: bytes(of), value })
  const frame = encodeFrame({ type: 'PUT_VALUE', key: bytes(key), record })
  return { type: 'PUT_VALUE', frame } as const
}

describe('the wire', () => {
  it('asks many questions on one stream, and gets the answer of each', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    for (let round = 0; round < 5; round += 1) {
      assert.equal((await a.values.put(`x${round}`, bytes(`v${round}`))).copies, 1)
      const held = await b.local.get(bytes(`/kv/x${round}`))
      assert.equal(String(Buffer.from(held?.value ?? [])), `v${round}`)
    }
    const opened = outbound(a)
    await a.values.put('y', bytes('v'))
    assert.deepEqual(outbound(a), opened)
  })

  it('asks questions that overlap on streams of their own, up to a limit', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const keys = Array.from({ length: 100 }, (_, index) => `x${index}`)
    await Promise.all(keys.map((key) => a.values.put(key, bytes(key))))
    for (const key of keys) {
      assert.equal(String(Buffer.from((await b.local.get(bytes(`/kv/${key}`)))?.value ?? [])), key)
    }
    const open = outbound(a).length
    assert.ok(open > 1 && open <= 16, `${open} streams`)
    a.wire.stop()
    await assert.rejects(a.wire.client.ask(contactOf(b), put('/kv/x', bytes('v'))), {
      name: 'StreamEndedError',
    })
  })

  it('asks on another stream where the kept one was ended', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    await a.values.put('x', bytes('1'))
    const [first] = outbound(a)
    first?.abort(new Error('enough of it'))
    assert.equal((await a.values.put('x', bytes('2'))).copies, 1)
  })

  it('waits for nobody who is listed and not connected, and for everybody else', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    const { pace } = a.wire.client
    const { name } = contactOf(b)
    assert.equal(pace.isStalled(name), false, 'nobody knows it')
    await b.meet(a)
    assert.equal(pace.isStalled(name), false, 'it is connected')
    const gone = once(a.libp2p, 'peer:disconnect')
    await b.libp2p.hangUp(a.peerId)
    await gone
    assert.equal(pace.isStalled(name), true, 'it is gone')
    // It is there all the same, and asked beside the others.
    assert.equal((await a.values.put('x', bytes('v'))).copies, 1)
    assert.equal(pace.isStalled(name), false, 'it is back')
  })

  it('refuses records that the grammar of the store does not know, before any is kept', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const b1 = contactOf(b)
    const own = Buffer.from(b.peerId.toMultihash().bytes).toString('latin1')
    for (const key of [
      '/constructor/x',
      '/toString/x',
      '/__proto__/x',
      '/pk/x',
      `/pk/${own}`,
      'x',
      '/kv/',
    ]) {
      await assert.rejects(a.wire.client.ask(b1, put(key, bytes('v'))), key)
      assert.equal(await b.local.get(bytes(key)), null, key)
    }
    await assert.rejects(a.wire.client.ask(b1, put('/kv/x', bytes('v'), '/kv/other')))
    await assert.rejects(a.wire.client.ask(b1, put('/kv/x', new Uint8Array(9000))))
    assert.equal(await b.local.count(), 0)
    assert.deepEqual(b.stored, [])
    // One that is refused on a stream that was used before is asked once more on a fresh one.
    assert.ok(b.refused >= 9, `${b.refused} refused`)
    await a.wire.client.ask(b1, put('/kv/x', bytes('v')))
    assert.equal(await b.local.count(), 1)
  })

  it('ends a stream on which a message is too long, whatever of it has come', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const [connection] = a.libp2p.getConnections(b.peerId)
    const stream = (await connection?.newStream(a.wire.kad.protocol)) ?? assert.fail()
    const ended = Promise.withResolvers<string>()
    stream.addEventListener('close', ({ error }) => ended.resolve(error?.name ?? 'closed'))
    // 3.9 MB are announced; three bytes come.
    stream.send(Uint8Array.from([0xe0, 0x84, 0xee, 0x01, 0x08, 0x04, 0x12]))
    assert.equal(await ended.promise, 'StreamResetError')
    assert.equal((await a.values.put('x', bytes('v'))).copies, 1)
  })

  it('ends the connection of a peer that sends nothing but what is no message', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const [connection] = a.libp2p.getConnections(b.peerId)
    assert.ok(connection)
    const closed = new Promise((resolve) => connection.addEventListener('close', resolve))
    let streams = 0
    while (connection.status === 'open' && streams < 200) {
      const stream = await connection.newStream(a.wire.kad.protocol).catch(() => null)
      if (stream === null) break
      streams += 1
      const ended = new Promise((resolve) => stream.addEventListener('close', resolve))
      stream.send(Uint8Array.from([0xe0, 0x84, 0xee, 0x01, 0x08]))
      await ended
    }
    await closed
    assert.equal(streams, 65)
    await b.meet(a)
    assert.equal((await a.values.put('x', bytes('v'))).copies, 1)
  })

  it('ends the connection of a peer sooner that leaves more unfinished than it may', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const [connection] = a.libp2p.getConnections(b.peerId)
    assert.ok(connection)
    const closed = new Promise((resolve) => connection.addEventListener('close', resolve))
    // 80,000 bytes are announced, and all but the last come: the seventh such stream is one too many.
    const unfinished = Buffer.concat([Uint8Array.from([0x80, 0xf1, 0x04]), Buffer.alloc(79_999)])
    let streams = 0
    while (connection.status === 'open' && streams < 200) {
      const stream = await connection.newStream(a.wire.kad.protocol).catch(() => null)
      if (stream === null) break
      streams += 1
      if (!stream.send(unfinished)) await stream.onDrain().catch(() => {})
    }
    await closed
    assert.ok(streams < 40, `${streams} streams`)
  })

  it('tells of each message, in both directions', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const seen: string[] = []
    a.wire.onRpc(({ direction, type, ok }) => seen.push(`${direction} ${type} ${ok}`))
    b.wire.onRpc(({ direction, type, ok }) => seen.push(`${direction} ${type} ${ok}`))
    await a.values.put('x', bytes('v'))
    await assert.rejects(a.wire.client.ask(contactOf(b), put('/no/x', bytes('v'))))
    const expected = ['FIND_NODE true', 'PUT_VALUE true', 'PUT_VALUE false']
    for (const direction of ['inbound', 'outbound']) {
      for (const each of expected) assert.ok(seen.includes(`${direction} ${each}`), each)
    }
  })
})
