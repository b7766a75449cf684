import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import {
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  keyOfRecord,
  recordKey,
  selectKvRecord,
  validateKvRecord,
} from '#node/store/records.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('records', () => {
  it('keeps key x under /kv/x and finds the key again, whatever Unicode it is', () => {
    assert.deepEqual(recordKey('x'), utf8('/kv/x'))
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (key) => {
        assert.equal(keyOfRecord(recordKey(key)), key)
      }),
    )
    assert.equal(keyOfRecord(recordKey('a/b//c')), 'a/b//c')
    assert.equal(keyOfRecord(recordKey('\u{feff}x')), '\u{feff}x')
  })

  it('refuses a key that is empty, too long in bytes, or half a surrogate pair', () => {
    recordKey('ü'.repeat(MAX_KEY_BYTES / 2))
    for (const key of ['', 'ü'.repeat(MAX_KEY_BYTES / 2) + 'x', 'a\u{d800}']) {
      assert.throws(() => recordKey(key), { name: 'InvalidKeyError' })
    }
  })

  it('takes records of its namespace within the limits and no others', () => {
    validateKvRecord(utf8('/kv/x'), new Uint8Array(MAX_VALUE_BYTES))
    validateKvRecord(utf8('/kv/x'), new Uint8Array(0))
    assert.throws(() => validateKvRecord(utf8('/kv/'), utf8('v')), { name: 'InvalidKeyError' })
    assert.throws(() => validateKvRecord(utf8('/pk/x'), utf8('v')), { name: 'InvalidKeyError' })
    assert.throws(() => validateKvRecord(Buffer.from([0x2f, 0x6b, 0x76, 0x2f, 0xff]), utf8('v')), {
      name: 'InvalidKeyError',
    })
    assert.throws(() => validateKvRecord(utf8('/kv/x'), new Uint8Array(MAX_VALUE_BYTES + 1)), {
      name: 'InvalidValueError',
    })
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
