import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { ITEM_LIMITS, LARGEST_ITEM } from '#node/config/item-limits.ts'
import {
  checkedKey,
  checkedValue,
  keyOfRecord,
  recordKey,
  selectKvRecord,
  validateKvRecord,
} from '#node/store/records.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

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

  it('takes records of its namespace within the limits and no others', () => {
    validateKvRecord(utf8('/kv/x'), new Uint8Array(ITEM_LIMITS.valueBytes), ITEM_LIMITS)
    validateKvRecord(utf8('/kv/x'), new Uint8Array(0), ITEM_LIMITS)
    assert.throws(() => validateKvRecord(utf8('/kv/'), utf8('v'), ITEM_LIMITS), {
      name: 'InvalidKeyError',
    })
    assert.throws(() => validateKvRecord(utf8('/pk/x'), utf8('v'), ITEM_LIMITS), {
      name: 'InvalidKeyError',
    })
    assert.throws(
      () => validateKvRecord(Buffer.from([0x2f, 0x6b, 0x76, 0x2f, 0xff]), utf8('v'), ITEM_LIMITS),
      {
        name: 'InvalidKeyError',
      },
    )
    assert.throws(
      () =>
        validateKvRecord(utf8('/kv/x'), new Uint8Array(ITEM_LIMITS.valueBytes + 1), ITEM_LIMITS),
      {
        name: 'InvalidValueError',
      },
    )
  })

  it('takes larger ones where the limits are wider, and says where they are', () => {
    const [key, value] = ['k'.repeat(1024), new Uint8Array(65_536)]
    assert.equal(checkedKey(key, LARGEST_ITEM), key)
    assert.equal(checkedValue(value, LARGEST_ITEM), value)
    validateKvRecord(recordKey(key, LARGEST_ITEM), value, LARGEST_ITEM)
    const narrow = { keyBytes: 3, valueBytes: 2 }
    assert.throws(() => recordKey('four', narrow), { message: /1 to 3 bytes of UTF-8: .* has 4/ })
    assert.throws(() => checkedValue(utf8('333'), narrow), {
      message: /at most 2 bytes: .* has 3;/,
    })
    assert.equal(keyOfRecord(utf8('/kv/four'), narrow), null)
  })

  it('selects the greatest value byte by byte, in whatever order the records come', () => {
    assert.equal(selectKvRecord(utf8('/kv/x'), [utf8('a'), utf8('c'), utf8('b')]), 1)
    assert.equal(selectKvRecord(utf8('/kv/x'), [utf8('a'), utf8('aa')]), 1)
    assert.equal(selectKvRecord(utf8('/kv/x'), [Buffer.from([0x80]), Buffer.from([0x7f])]), 0)
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 4 }), { minLength: 1 }), (values) => {
        const [first, second] = [values, values.toReversed()].map((each) =>
          Buffer.from(each[selectKvRecord(utf8('/kv/x'), each)] ?? []).toString('hex'),
        )
        assert.equal(first, second)
      }),
    )
  })
})
