import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import * as fc from 'fast-check'
import { ITEM_LIMITS, LARGEST_ITEM } from '#node/config/item-limits.ts'
import { LONGEST_LIFE_MS, seal } from '#node/store/envelope.ts'
import { MAX_AHEAD_MS } from '#node/store/hybrid-clock.ts'
import { checkedKey, checkedValue, keyOfRecord, recordKey } from '#node/store/items.ts'
import {
  compareRecords,
  openRecord,
  readRecord,
  type RecordRules,
  selectKvRecord,
  type StoredRecord,
} from '#node/store/records.ts'
import { plain } from '#test/node/store/plain.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

const NOW = 1_700_000_000_000
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const rules = (over: Partial<RecordRules> = {}): RecordRules => ({
  items: ITEM_LIMITS,
  plain: false,
  clock: new ManualClock(NOW),
  ...over,
})

interface Written {
  key?: string
  value?: Uint8Array | null
  timeMs?: number
  counter?: number
  lifeMs?: number
  seed?: number
}

async function written(by: Written = {}): Promise<{ record: Uint8Array; bytes: Uint8Array }> {
  const { key = 'x', value = utf8('v'), timeMs = NOW, counter = 0, seed = 1 } = by
  const privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed))
  const writer = peerIdFromPrivateKey(privateKey).toString()
  const record = recordKey(key, LARGEST_ITEM)
  const { lifeMs = LONGEST_LIFE_MS } = by
  const envelope = { version: { timeMs, counter, writer }, lifeMs, value }
  return { record, bytes: await seal(privateKey, record, envelope) }
}

async function opened(by: Written = {}): Promise<StoredRecord> {
  const { record, bytes } = await written(by)
  return openRecord(record, bytes, rules())
}

describe('records', () => {
  it('keeps key x under /kv/x and finds the key again, whatever Unicode it is', () => {
    assert.deepEqual(recordKey('x', ITEM_LIMITS), utf8('/kv/x'))
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (key) => {
        assert.equal(keyOfRecord(recordKey(key, ITEM_LIMITS), ITEM_LIMITS), key)
      }),
    )
    assert.equal(keyOfRecord(recordKey('a/b//c', ITEM_LIMITS), ITEM_LIMITS), 'a/b//c')
    assert.equal(keyOfRecord(recordKey('\u{feff}x', ITEM_LIMITS), ITEM_LIMITS), '\u{feff}x')
  })

  it('refuses a key that is empty, too long in bytes, or half a surrogate pair', () => {
    recordKey('ü'.repeat(ITEM_LIMITS.keyBytes / 2), ITEM_LIMITS)
    for (const key of ['', 'ü'.repeat(ITEM_LIMITS.keyBytes / 2) + 'x', 'a\u{d800}']) {
      assert.throws(() => recordKey(key, ITEM_LIMITS), { name: 'InvalidKeyError' })
    }
  })

  it('takes plain ones of its namespace within the limits where it is told to, and no others', () => {
    const allowed = rules({ plain: true })
    const kv = utf8('/kv/x')
    openRecord(kv, new Uint8Array(ITEM_LIMITS.valueBytes), allowed)
    openRecord(kv, new Uint8Array(0), allowed)
    for (const key of [utf8('/kv/'), utf8('/pk/x'), Buffer.from([0x2f, 0x6b, 0x76, 0x2f, 0xff])]) {
      assert.throws(() => openRecord(key, utf8('v'), allowed), { name: 'InvalidKeyError' })
    }
    assert.throws(() => openRecord(kv, new Uint8Array(ITEM_LIMITS.valueBytes + 1), allowed), {
      name: 'InvalidValueError',
    })
    assert.throws(() => openRecord(kv, utf8('v'), rules()), { name: 'PlainRecordError' })
    assert.equal(readRecord(utf8('v'), rules()), null)
    assert.deepEqual(readRecord(utf8('v'), allowed), plain(utf8('v')))
  })

  it('takes larger ones where the limits are wider, and says where they are', async () => {
    const [key, value] = ['k'.repeat(1024), new Uint8Array(65_536)]
    assert.equal(checkedKey(key, LARGEST_ITEM), key)
    assert.equal(checkedValue(value, LARGEST_ITEM), value)
    const { record, bytes } = await written({ key, value })
    assert.deepEqual(openRecord(record, bytes, rules({ items: LARGEST_ITEM })).value, value)
    const short = await written({ value: new Uint8Array(ITEM_LIMITS.valueBytes + 1) })
    assert.throws(() => openRecord(short.record, short.bytes, rules()), {
      name: 'InvalidValueError',
    })
    const narrow = { keyBytes: 3, valueBytes: 2 }
    assert.throws(() => recordKey('four', narrow), { message: /1 to 3 bytes of UTF-8: .* has 4/ })
    assert.throws(() => checkedValue(utf8('333'), narrow), {
      message: /at most 2 bytes: .* has 3;/,
    })
    assert.equal(keyOfRecord(utf8('/kv/four'), narrow), null)
  })

  it('believes no time from more than 5 minutes ahead, and none that is over', async () => {
    await opened({ timeMs: NOW + MAX_AHEAD_MS })
    await assert.rejects(opened({ timeMs: NOW + MAX_AHEAD_MS + 1 }), {
      name: 'InvalidRecordError',
      message: /300 s in the future: at most 300 s are taken; check both clocks/,
    })
    await opened({ timeMs: NOW - LONGEST_LIFE_MS })
    await assert.rejects(opened({ timeMs: NOW - LONGEST_LIFE_MS - 1 }), /time is over/)
    await assert.rejects(opened({ timeMs: NOW - 2001, lifeMs: 2000 }), /time is over/)
    const { bytes } = await opened({ lifeMs: 2000 })
    const clock = new ManualClock(NOW)
    assert.notEqual(readRecord(bytes, rules({ clock })), null)
    await clock.advance(2001)
    assert.equal(readRecord(bytes, rules({ clock })), null)
  })

  it('lets nobody write under own/<peer id>/ but that peer', async () => {
    const privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(1))
    const owner = peerIdFromPrivateKey(privateKey).toString()
    for (const key of [`own/${owner}/x`, `/own/${owner}/x`, `own/${owner}`]) {
      await opened({ key, seed: 1 })
      await assert.rejects(opened({ key, seed: 2 }), { name: 'NotOwnerError' })
      const record = recordKey(key, ITEM_LIMITS)
      assert.throws(() => openRecord(record, utf8('v'), rules({ plain: true })), {
        name: 'NotOwnerError',
      })
    }
    await assert.rejects(opened({ key: 'own/nobody/x', seed: 1 }), { name: 'NotOwnerError' })
    await opened({ key: `owner/${owner}/x`, seed: 2 })
  })

  it('are ordered by time, counter, writer, and then by their bytes: alike in whatever order they come', async () => {
    const older = [
      plain(utf8('z')),
      await opened({ timeMs: NOW - 1, counter: 9, seed: 2 }),
      await opened({ counter: 0, seed: 2 }),
      await opened({ counter: 1, seed: 1, value: utf8('a') }),
    ]
    const ids = await Promise.all(
      [1, 2].map(async (seed) =>
        peerIdFromPrivateKey(
          await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed)),
        ),
      ),
    )
    const [one, two] = ids.map((id) => id.toMultihash().bytes)
    assert.ok(one !== undefined && two !== undefined)
    const first = Buffer.compare(one, two) < 0 ? 1 : 2
    const tied = [
      await opened({ timeMs: NOW + 1, seed: first }),
      await opened({ timeMs: NOW + 1, seed: 3 - first }),
    ]
    const all = [...older, ...tied]
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        assert.deepEqual(shuffled.toSorted(compareRecords), all)
        const best = selectKvRecord(
          shuffled.map(({ bytes }) => bytes),
          rules({ plain: true }),
        )
        assert.equal(shuffled[best], all.at(-1))
      }),
    )
  })
})
