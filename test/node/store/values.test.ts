import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ITEM_LIMITS, LARGEST_ITEM } from '#node/config/item-limits.ts'
import { recordKey } from '#node/store/records.ts'
import { createLoopbackPeer } from '#test/node/store/loopback-peer.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

describe('values', () => {
  it('are stored at other peers, counted, and read from one that has them', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await using c = await createLoopbackPeer(3)
    await b.meet(a)
    await c.meet(a)
    await c.meet(b)
    assert.deepEqual(await a.values.put('x/y', utf8('one')), { copies: 2 })
    assert.deepEqual(b.stored, [`/kv/x/y from ${a.peerId.toString()}`])
    const got = await b.values.get('x/y')
    assert.equal(text(got?.value), 'one')
    assert.equal(got?.from, null)
  })

  it('are found at a peer that has them by one that has not', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    assert.deepEqual(await a.values.put('x', utf8('early'), { minCopies: 0 }), { copies: 0 })
    await b.meet(a)
    const got = await b.values.get('x')
    assert.deepEqual([text(got?.value), got?.from], ['early', a.peerId.toString()])
    assert.equal(await b.values.get('y'), null)
    assert.equal(await a.values.get('y'), null)
  })

  it('fail to be put below the wanted copies, and tell both numbers', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    const put = a.values.put('x', utf8('v'))
    await assert.rejects(put, { name: 'StoreError', expected: 1, seen: 0, message: /is empty/ })
    await b.meet(a)
    await assert.rejects(a.values.put('x', utf8('v'), { minCopies: 2 }), {
      name: 'StoreError',
      expected: 2,
      seen: 1,
    })
    assert.equal(text((await a.values.get('x'))?.value), 'v')
  })

  it('are not waited for where nobody is listed', async () => {
    await using a = await createLoopbackPeer(1)
    assert.equal(await a.values.get('x'), null)
    await a.values.put('x', utf8('alone'), { minCopies: 0 })
    assert.equal(text((await a.values.get('x'))?.value), 'alone')
  })

  it('are put and read in spite of a listed peer that is dead', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    const dead = await createLoopbackPeer(3)
    await b.meet(a)
    await dead.meet(a)
    await dead.stop()
    assert.equal(a.kad.routingTable.size, 2)
    assert.deepEqual(await a.values.put('x', utf8('v')), { copies: 1 })
    await b.values.put('y', utf8('w'), { minCopies: 0 })
    assert.equal(text((await a.values.get('y'))?.value), 'w')
    assert.equal(await a.values.get('z'), null)
  })

  it('are not said to be missing where too few peers have answered to know', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    const dead = [await createLoopbackPeer(3), await createLoopbackPeer(4)]
    await b.meet(a)
    for (const each of dead) {
      await each.meet(a)
      await each.meet(b)
    }
    for (const each of dead) await each.stop()
    await assert.rejects(a.values.get('x'), {
      name: 'UnansweredError',
      message: /expected an answer of 2 of the 3 peers closest to "x", 1 answered/,
    })
    await a.values.put('x', utf8('v'))
    assert.equal(text((await b.values.get('x'))?.value), 'v')
  })

  it('are refused where the key or the value is not one', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    await assert.rejects(a.values.put('', utf8('v')), { name: 'InvalidKeyError' })
    await assert.rejects(a.values.get(''), { name: 'InvalidKeyError' })
    await assert.rejects(a.values.put('x', new Uint8Array(ITEM_LIMITS.valueBytes + 1)), {
      name: 'InvalidValueError',
    })
  })

  it('of the largest size reach another peer, the empty one too', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    await a.values.put('large', new Uint8Array(ITEM_LIMITS.valueBytes).fill(7))
    await a.values.put('empty', new Uint8Array(0))
    assert.equal((await b.values.get('large'))?.value.byteLength, ITEM_LIMITS.valueBytes)
    assert.equal((await b.values.get('empty'))?.value.byteLength, 0)
  })

  it('may be larger at peers that agree on it, and are not taken by one that does not', async () => {
    await using a = await createLoopbackPeer(1, LARGEST_ITEM)
    await using b = await createLoopbackPeer(2, LARGEST_ITEM)
    await b.meet(a)
    const key = 'k'.repeat(LARGEST_ITEM.keyBytes)
    const value = Buffer.alloc(LARGEST_ITEM.valueBytes, 7)
    assert.deepEqual(await a.values.put(key, value), { copies: 1 })
    assert.deepEqual((await b.values.get(key))?.value, value)
    assert.deepEqual(await b.providers.provide(key), { told: 1 })

    await using c = await createLoopbackPeer(3)
    await c.meet(a)
    await assert.rejects(c.values.get(key), { name: 'InvalidKeyError' })
    await a.local.put(recordKey('short', LARGEST_ITEM), value, null)
    assert.equal(await c.values.get('short'), null)
    await a.values.put('short', value, { minCopies: 1 })
    assert.equal(await c.local.get(recordKey('short', ITEM_LIMITS)), null)
  })

  it('are given up with the reason of the caller', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const signal = AbortSignal.abort(new Error('enough'))
    await assert.rejects(a.values.put('x', utf8('v'), { signal }), { message: 'enough' })
    await assert.rejects(a.values.get('x', { signal }), { message: 'enough' })
    const controller = new AbortController()
    const put = a.values.put('x', utf8('v'), { signal: controller.signal })
    controller.abort(new Error('now'))
    await assert.rejects(put, { message: 'now' })
  })

  it('are given up while a peer takes its time to store them', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const controller = new AbortController()
    const { handlers } = b.kad.rpc
    const never = Promise.withResolvers<never>()
    handlers['PUT_VALUE'] = {
      handle: () => {
        controller.abort(new Error('enough'))
        return never.promise
      },
    }
    const { signal } = controller
    await assert.rejects(a.values.put('x', utf8('v'), { signal }), { message: 'enough' })
  })
})
