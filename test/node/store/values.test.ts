import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ITEM_LIMITS, LARGEST_ITEM } from '#node/config/item-limits.ts'
import { Contacts } from '#node/kad/distance.ts'
import { encodeFrame, encodeRecord } from '#node/kad/message.ts'
import { recordKey } from '#node/store/items.ts'
import { compareVersions, parseVersion, versionText } from '#node/store/version.ts'
import { type Clock, systemClock } from '#node/time/clock.ts'
import { createLoopbackPeer, type LoopbackPeer } from '#test/node/store/loopback-peer.ts'
import { plain } from '#test/node/store/plain.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

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
    assert.equal((await a.values.put('x/y', utf8('one'))).copies, 2)
    assert.deepEqual(b.stored, [`/kv/x/y from ${a.peerId.toString()}`])
    const got = await b.values.get('x/y')
    assert.equal(text(got?.value), 'one')
    assert.equal(got?.from, null)
  })

  it('are found at a peer that has them by one that has not', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    assert.equal((await a.values.put('x', utf8('early'), { replicas: 0 })).copies, 0)
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
    const message = /is empty.*keeps its own copy: that it reads back here says nothing of others/
    await assert.rejects(put, { name: 'StoreError', expected: 1, seen: 0, message })
    await b.meet(a)
    await assert.rejects(a.values.put('x', utf8('v'), { replicas: 2 }), {
      name: 'StoreError',
      expected: 2,
      seen: 1,
    })
    assert.equal(text((await a.values.get('x'))?.value), 'v')
  })

  it('are newer than what their writer holds, also where its clock has gone back a day', async () => {
    const clock: Clock = { ...systemClock, now: () => systemClock.now() - 86_400_000 }
    await using a = await createLoopbackPeer(1, { clock })
    await using b = await createLoopbackPeer(2)
    const { version: before } = await b.values.put('x', utf8('before'), { replicas: 0 })
    const held = await b.local.get(recordKey('x', ITEM_LIMITS))
    assert.ok(held !== null && before !== null)
    await a.local.put(recordKey('x', ITEM_LIMITS), held, null)
    const { version } = await a.values.put('x', utf8('after'), { replicas: 0 })
    assert.ok(compareVersions(parseVersion(version ?? ''), parseVersion(before)) > 0)
    assert.equal(text((await a.values.get('x', { agree: 1 }))?.value), 'after')
    await a.values.delete('x', { replicas: 0, ifVersion: version })
  })

  it('are not said to be missing where those that hold them are not believed: the clocks differ', async () => {
    const clock: Clock = { ...systemClock, now: () => systemClock.now() - 86_400_000 }
    await using a = await createLoopbackPeer(1, { clock })
    await using b = await createLoopbackPeer(2)
    await b.values.put('x', utf8('v'), { replicas: 0 })
    await a.meet(b)
    await assert.rejects(a.values.get('x'), {
      name: 'UnansweredError',
      message: /1 gave a record of 8640\d s in the future: .* check both clocks/,
    })
    assert.equal(await a.values.get('y'), null)
  })

  it('are stored at others where the disk of their writer is full, and read from there', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const { datastore } = a.kad.components
    const put = datastore.put.bind(datastore)
    datastore.put = async (name, value) => {
      if (name.toString().startsWith('/dht/record/')) throw new Error('no space left on device')
      return put(name, value)
    }
    assert.equal((await a.values.put('x', utf8('v'))).copies, 1)
    assert.equal((await a.values.get('x'))?.from, b.peerId.toString())
    await assert.rejects(b.values.put('y', utf8('v')), {
      name: 'StoreError',
      message: /1 refused it .* see their logs/,
    })
  })

  it('that were deleted have the version of their deletion, for who watches', async () => {
    await using a = await createLoopbackPeer(1)
    assert.equal(await a.values.current('x'), null)
    const put = await a.values.put('x', utf8('v'), { replicas: 0 })
    const writer = a.peerId.toString()
    const found = await a.values.current('x')
    assert.deepEqual([text(found?.value ?? undefined), found?.version], ['v', put.version])
    const { version } = await a.values.delete('x', { replicas: 0 })
    assert.deepEqual(await a.values.current('x'), { value: null, version, writer })
    assert.equal(await a.values.get('x'), null)
  })

  it('are not waited for where nobody is listed', async () => {
    await using a = await createLoopbackPeer(1)
    assert.equal(await a.values.get('x'), null)
    await a.values.put('x', utf8('alone'), { replicas: 0 })
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
    assert.equal((await a.values.put('x', utf8('v'))).copies, 1)
    await b.values.put('y', utf8('w'), { replicas: 0 })
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

  it('say so where the others refuse them, and not that nobody can be reached', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const { handlers } = b.kad.rpc
    handlers['PUT_VALUE'] = { handle: async () => Promise.reject(new Error('not of ours')) }
    await assert.rejects(a.values.put('x', utf8('v')), {
      name: 'StoreError',
      message: /0 did: 1 refused it by rules of their own/,
    })
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
    await using a = await createLoopbackPeer(1, { items: LARGEST_ITEM })
    await using b = await createLoopbackPeer(2, { items: LARGEST_ITEM })
    await b.meet(a)
    const key = 'k'.repeat(LARGEST_ITEM.keyBytes)
    const value = Buffer.alloc(LARGEST_ITEM.valueBytes, 7)
    assert.equal((await a.values.put(key, value)).copies, 1)
    assert.deepEqual(Buffer.from((await b.values.get(key))?.value ?? []), value)
    assert.deepEqual(await b.providers.provide(key), { told: 1 })

    await using c = await createLoopbackPeer(3)
    await c.meet(a)
    await assert.rejects(c.values.get(key), { name: 'InvalidKeyError' })
    await a.local.put(recordKey('short', LARGEST_ITEM), plain(value), null)
    assert.equal(await c.values.get('short'), null)
    await a.values.put('short', value, { replicas: 1 })
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

  it('carry their version and writer, and a later write is newer wherever it is made', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const first = await a.values.put('x', utf8('one'))
    assert.deepEqual(first.holders, [b.peerId.toString()])
    const second = await b.values.put('x', utf8('two'))
    for (const each of [a, b]) {
      const got = await each.values.get('x')
      assert.equal(text(got?.value), 'two')
      assert.deepEqual([got?.version, got?.writer], [second.version, b.peerId.toString()])
    }
  })

  it('win over what is newer by the clock of another, which is minutes ahead', async () => {
    const ahead: Clock = { ...systemClock, now: () => systemClock.now() + 240_000 }
    await using a = await createLoopbackPeer(1, { clock: ahead })
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    await a.values.put('x', utf8('of the future'))
    await b.values.put('x', utf8('after that'))
    assert.equal(text((await a.values.get('x', { agree: 2 }))?.value), 'after that')
    assert.equal(text((await b.values.get('x', { agree: 2 }))?.value), 'after that')
  })

  it('are refused of a clock that is an hour ahead, and the writer is told', async () => {
    const ahead: Clock = { ...systemClock, now: () => systemClock.now() + 3_600_000 }
    await using a = await createLoopbackPeer(1, { clock: ahead })
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    await assert.rejects(a.values.put('x', utf8('v')), { name: 'StoreError', seen: 0 })
    // That there is nothing is not what b knows: one of the two clocks is wrong.
    await assert.rejects(b.values.get('x'), { name: 'UnansweredError' })
  })

  it('are stored at a majority of the others, unless another number is named', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await using c = await createLoopbackPeer(3)
    await using d = await createLoopbackPeer(4)
    for (const each of [b, c, d]) await each.meet(a)
    for (const each of [c, d]) {
      each.kad.rpc.handlers['PUT_VALUE'] = { handle: async () => Promise.reject(new Error('full')) }
    }
    await assert.rejects(a.values.put('x', utf8('v')), {
      name: 'StoreError',
      expected: 2,
      seen: 1,
    })
    assert.equal((await a.values.put('x', utf8('v'), { replicas: 1 })).copies, 1)
  })

  it('are replaced only where the version is the wanted one', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const first = await a.values.put('x', utf8('1'), { ifVersion: null })
    await assert.rejects(b.values.put('x', utf8('2'), { ifVersion: null }), {
      name: 'VersionError',
    })
    const second = await b.values.put('x', utf8('2'), { ifVersion: first.version })
    await assert.rejects(a.values.put('x', utf8('3'), { ifVersion: first.version }), {
      name: 'VersionError',
    })
    await assert.rejects(a.values.put('x', utf8('3'), { ifVersion: 'nonsense' }), {
      name: 'InvalidVersionError',
    })
    await assert.rejects(a.values.delete('x', { ifVersion: first.version }), {
      name: 'VersionError',
    })
    await a.values.delete('x', { ifVersion: second.version })
    await a.values.put('x', utf8('again'), { ifVersion: null })
    assert.equal(text((await b.values.get('x'))?.value), 'again')
  })

  it('that are deleted stay so, also where a peer that was away comes with an older copy', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await using c = await createLoopbackPeer(3)
    await c.values.put('x', utf8('old'), { replicas: 0 })
    await b.meet(a)
    await a.values.put('x', utf8('new'))
    const { copies, version } = await b.values.delete('x')
    assert.equal(copies, 1)
    assert.equal(await a.values.get('x'), null)
    await c.meet(a)
    await c.meet(b)
    const old = await c.local.get(recordKey('x', ITEM_LIMITS))
    assert.equal(text(old?.value ?? undefined), 'old')
    assert.equal(await c.values.get('x', { agree: 2 }), null)
    assert.equal(await a.values.get('x'), null)
    assert.equal(await b.values.get('x'), null)
    // The read has told the peer that was behind.
    const key = recordKey('x', ITEM_LIMITS)
    while ((await c.local.get(key))?.value !== null) await c.values.get('x')
    const kept = (await c.local.get(key))?.version ?? null
    assert.equal(kept === null ? null : versionText(kept), version)
  })

  it('of a peer that missed a write are read newer, and its copy is repaired', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await using c = await createLoopbackPeer(3)
    await b.meet(a)
    await c.meet(a)
    await c.meet(b)
    await a.values.put('x', utf8('old'))
    const { handlers } = c.kad.rpc
    const usual = handlers['PUT_VALUE']
    handlers['PUT_VALUE'] = { handle: async () => Promise.reject(new Error('no')) }
    await a.values.put('x', utf8('new'), { replicas: 1 })
    assert.ok(usual)
    handlers['PUT_VALUE'] = usual
    assert.equal(text((await c.values.get('x', { agree: 1 }))?.value), 'old')
    assert.equal(text((await c.values.get('x'))?.value), 'new')
    const key = recordKey('x', ITEM_LIMITS)
    while (text((await c.local.get(key))?.value ?? undefined) !== 'new') await c.values.get('x')
    assert.equal(text((await c.values.get('x', { agree: 1 }))?.value), 'new')
    assert.equal((await b.values.get('x', { agree: 3 }))?.agreed, 3)
    await assert.rejects(b.values.get('x', { agree: 4 }), { name: 'AgreementError' })
  })

  it('under own/<peer id>/ are written by that peer alone', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await b.meet(a)
    const key = `own/${a.peerId.toString()}/x`
    await a.values.put(key, utf8('mine'))
    await assert.rejects(b.values.put(key, utf8('mine too')), { name: 'NotOwnerError' })
    await assert.rejects(b.values.delete(key), { name: 'NotOwnerError' })
    assert.equal(text((await b.values.get(key))?.value), 'mine')
  })

  it('that are plain are taken and read where that is allowed, and are older than signed ones', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await using c = await createLoopbackPeer(3, { plain: false })
    await b.meet(a)
    await c.meet(a)
    await c.meet(b)
    const record = recordKey('x', ITEM_LIMITS)
    const put = (to: LoopbackPeer) => {
      const stored = encodeRecord({ key: record, value: utf8('raw') })
      const frame = encodeFrame({ type: 'PUT_VALUE', key: record, record: stored })
      return a.wire.client.ask(new Contacts().of(to.peerId), { type: 'PUT_VALUE', frame })
    }
    await put(b)
    const got = await a.values.get('x')
    assert.deepEqual([text(got?.value), got?.version, got?.writer], ['raw', null, null])
    await assert.rejects(put(c))
    assert.equal(await c.values.get('x'), null)
    await c.values.put('x', utf8('signed'))
    await assert.rejects(put(b))
    assert.equal(text((await a.values.get('x', { agree: 3 }))?.value), 'signed')
  })

  it('are over when their time is', async () => {
    const clock = new ManualClock(1_700_000_000_000)
    await using a = await createLoopbackPeer(1, { clock })
    await a.values.put('x', utf8('v'), { replicas: 0, ttlMs: 5000 })
    await assert.rejects(a.values.put('x', utf8('v'), { ttlMs: 1 }), { name: 'InvalidValueError' })
    assert.equal(text((await a.values.get('x', { agree: 1 }))?.value), 'v')
    await clock.advance(5001)
    assert.equal(await a.local.get(recordKey('x', ITEM_LIMITS)), null)
  })
})
