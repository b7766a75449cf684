import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ITEM_LIMITS } from '#node/config/item-limits.ts'
import { recordKey } from '#node/store/items.ts'
import { systemClock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import { createLoopbackPeer, type LoopbackPeer } from '#test/node/store/loopback-peer.ts'
import { plain } from '#test/node/store/plain.ts'

const NEVER = { intervalMs: 1_000_000_000 }
const key = (name: string): Uint8Array => recordKey(name, ITEM_LIMITS)

async function valueAt(peer: LoopbackPeer, name: string): Promise<string | null> {
  const value = (await peer.local.get(key(name)))?.value
  return value === undefined || value === null ? null : Buffer.from(value).toString()
}

describe('replication', () => {
  it('gives what is held to the peers that are closest now, deletions too and nothing plain', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await using c = await createLoopbackPeer(3)
    await a.values.put('x', Buffer.from('v'), { replicas: 0 })
    await a.values.delete('gone', { replicas: 0 })
    await a.local.put(key('raw'), plain(Buffer.from('raw')), null)
    await b.meet(a)
    await c.meet(a)
    assert.equal(await valueAt(b, 'x'), null)
    const replication = a.replicationOf({ intervalMs: 20 })
    replication.start()
    await Promise.all([b.hasStored(2), c.hasStored(2)])
    await replication.stop()
    for (const each of [b, c]) {
      assert.equal(await valueAt(each, 'x'), 'v')
      assert.equal((await each.local.get(key('gone')))?.value, null)
      assert.equal(await each.local.get(key('raw')), null)
    }
  })

  it('learns what is newer from the peer that it gives something older', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await using c = await createLoopbackPeer(3)
    await a.values.put('x', Buffer.from('old'), { replicas: 0 })
    // Of two that are written in one millisecond either may be the newer.
    await delay(systemClock, 2)
    await b.values.put('x', Buffer.from('new'), { replicas: 0 })
    await b.meet(a)
    await c.meet(a)
    const replication = a.replicationOf({ intervalMs: 20 })
    replication.start()
    // Two rounds: in the second one it gives what it learned in the first.
    // Counted before it is read: what comes meanwhile is not waited for again.
    let count = c.stored.length
    while ((await valueAt(c, 'x')) !== 'new') {
      await c.hasStored(count + 1)
      count = c.stored.length
    }
    await replication.stop()
    assert.deepEqual([await valueAt(a, 'x'), await valueAt(b, 'x')], ['new', 'new'])
  })

  it('leaves a record to the one holder that has given it in this interval', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await a.values.put('x', Buffer.from('1'), { replicas: 0 })
    await a.values.put('y', Buffer.from('2'), { replicas: 0 })
    await b.meet(a)
    const replication = a.replicationOf({ intervalMs: 20 })
    replication.heard(key('x'))
    replication.start()
    await b.hasStored(1)
    assert.deepEqual(b.stored, [`/kv/y from ${a.peerId.toString()}`])
    // The turn is over after two rounds: nobody has given it since.
    await b.hasStored(2)
    await replication.stop()
    assert.equal(await valueAt(b, 'x'), '1')
  })

  it('gives a peer that comes what it is close to, but not while it has just come itself', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await using c = await createLoopbackPeer(3)
    await a.values.put('x', Buffer.from('v'), { replicas: 0 })
    await c.values.put('y', Buffer.from('v'), { replicas: 0 })
    const old = a.replicationOf({ ...NEVER, youngMs: 0 })
    const young = c.replicationOf(NEVER)
    old.start()
    young.start()
    await b.meet(c)
    await b.meet(a)
    await b.hasStored(1)
    await old.stop()
    await young.stop()
    assert.deepEqual([await valueAt(b, 'x'), await valueAt(b, 'y')], ['v', null])
  })

  it('hands over what is held when the node leaves, and is not kept by peers that are gone', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    const dead = await createLoopbackPeer(3)
    await b.meet(a)
    await dead.meet(a)
    await dead.stop()
    for (let index = 0; index < 100; index += 1) {
      await a.local.put(key(`raw ${index}`), plain(Buffer.from('v')), null)
      await a.values.put(`x${index}`, Buffer.from('v'), { replicas: 0 })
    }
    await a.values.put('last', Buffer.from('v'), { replicas: 0 })
    for (const name of b.stored) assert.ok(!name.includes('raw'))
    const replication = a.replicationOf(NEVER)
    await replication.leave()
    assert.equal(await valueAt(b, 'last'), 'v')
    assert.equal(await b.local.count(), 101)
    await replication.stop()
    await replication.stop()
  })
})
