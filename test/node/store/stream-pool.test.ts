import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Stream } from '@libp2p/interface'
import { reuseStreams, type StreamPool } from '#node/store/stream-pool.ts'
import { systemClock } from '#node/time/clock.ts'
import { createLoopbackPeer, type LoopbackPeer } from '#test/node/store/loopback-peer.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

/** Makes a peer reuse its streams; `opened` are those that it opened since. */
function pooled(peer: LoopbackPeer, clock = systemClock): { pool: StreamPool; opened: Stream[] } {
  const opened: Stream[] = []
  const { network } = peer.kad
  const { connectionManager } = network.components
  network.components = {
    connectionManager: {
      async openStream(...args) {
        const stream = await connectionManager.openStream(...args)
        opened.push(stream)
        return stream
      },
    },
  }
  return { pool: reuseStreams(peer.kad, clock), opened }
}

describe('the stream pool', () => {
  it('asks many questions on one stream, and gets the answer of each', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const { opened } = pooled(a)
    for (let round = 0; round < 5; round += 1) {
      assert.deepEqual(await a.values.put(`x${round}`, Buffer.from(`v${round}`)), { copies: 1 })
      const got = await b.values.get(`x${round}`)
      assert.equal(String(Buffer.from(got?.value ?? [])), `v${round}`)
    }
    assert.equal(opened.length, 1)
    const [stream] = opened as unknown as { listenerCount(type: string): number }[]
    assert.equal(stream?.listenerCount('message'), 0)
  })

  it('asks questions that overlap on streams of their own, and keeps few of them', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const { opened, pool } = pooled(a)
    const keys = Array.from({ length: 12 }, (_, index) => `x${index}`)
    await Promise.all(keys.map((key) => a.values.put(key, Buffer.from(key))))
    for (const key of keys) {
      assert.equal(String(Buffer.from((await b.values.get(key))?.value ?? [])), key)
    }
    assert.ok(opened.length > 1)
    assert.ok(opened.filter(({ writeStatus }) => writeStatus === 'writable').length <= 4)
    pool.stop()
    assert.ok(opened.every(({ writeStatus }) => writeStatus !== 'writable'))
  })

  it('opens another stream where the kept one is too old, or was ended by the other side', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const clock = new ManualClock()
    const { opened } = pooled(a, clock)
    await a.values.put('x', new Uint8Array(1))
    assert.equal(opened.length, 1)
    opened[0]?.abort(new Error('the other side is tired of it'))
    assert.deepEqual(await a.values.put('x', new Uint8Array(1)), { copies: 1 })
    assert.equal(opened.length, 2)
    await clock.advance(6000)
    assert.deepEqual(await a.values.put('x', new Uint8Array(1)), { copies: 1 })
    assert.equal(opened.length, 3)
    assert.notEqual(opened[1]?.writeStatus, 'writable')
  })

  it('keeps no stream on which nobody answered', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const { opened } = pooled(a)
    const message = { type: 'ADD_PROVIDER', key: new Uint8Array(34) }
    for await (const event of a.kad.network.sendMessage(b.peerId, message, { path: {} })) {
      assert.notEqual(event.name, 'QUERY_ERROR')
    }
    assert.equal(opened.length, 1)
    assert.notEqual(opened[0]?.writeStatus, 'writable')
  })
})
