import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Conditions, etagOf, isUnchanged, requireWritable } from '#node/api/http/etag.ts'

const plain = (text: string) => etagOf({ version: null, value: Buffer.from(text) })
const etag = plain('hello')
const other = plain('another')
const none: Conditions = { ifMatch: undefined, ifNoneMatch: undefined }
const ifMatch = (text: string): Conditions => ({ ...none, ifMatch: text })
const ifNoneMatch = (text: string): Conditions => ({ ...none, ifNoneMatch: text })

describe('an entity tag', () => {
  it('is strong, the version, or of a plain record the SHA-256 of the bytes', () => {
    assert.equal(etagOf({ version: '5-0-writer', value: Buffer.from('hello') }), '"5-0-writer"')
    assert.equal(etag, '"LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"')
    assert.notEqual(etag, other)
    assert.match(plain(''), /^"[\w-]{43}"$/)
  })

  it('is found in a list, weak ones too where weak ones count', () => {
    for (const list of [
      '*',
      ' * ',
      etag,
      `W/${etag}`,
      `${other}, ${etag}`,
      `${other},W/${etag},`,
    ]) {
      assert.equal(isUnchanged(ifNoneMatch(list), etag), true, list)
    }
    for (const list of [other, `"", ${other}`, '"a,b"']) {
      assert.equal(isUnchanged(ifNoneMatch(list), etag), false, list)
    }
    assert.equal(isUnchanged(none, etag), false)
  })

  it('that is weak meets no If-Match', () => {
    assert.equal(isUnchanged(ifMatch(`${other}, ${etag}`), etag), false)
    assert.equal(isUnchanged(ifMatch('*'), etag), false)
    for (const list of [other, `W/${etag}`]) {
      assert.throws(() => isUnchanged(ifMatch(list), etag), { name: 'PreconditionError' })
    }
  })

  it('keeps a write from what it does not expect', () => {
    requireWritable(none, etag)
    requireWritable(ifMatch(etag), etag)
    requireWritable(ifMatch('*'), etag)
    requireWritable(ifNoneMatch('*'), null)
    requireWritable(ifNoneMatch(other), etag)
    const refused: [Conditions, string | null][] = [
      [ifMatch(other), etag],
      [ifMatch(etag), null],
      [ifMatch('*'), null],
      [ifNoneMatch('*'), etag],
      [ifNoneMatch(`W/${etag}`), etag],
    ]
    for (const [conditions, seen] of refused) {
      const told = { name: 'PreconditionError', message: seen === null ? /no value/ : /it is "/ }
      assert.throws(() => requireWritable(conditions, seen), told, JSON.stringify(conditions))
    }
  })

  it('is refused where it has no quotes, rather than taken for another', () => {
    for (const list of ['', 'abc', `${etag} abc`, '"open', `*, ${etag}`, `w/${etag}`]) {
      assert.throws(
        () => requireWritable(ifNoneMatch(list), null),
        { name: 'BadRequestError' },
        list,
      )
      assert.throws(() => requireWritable(ifMatch(list), etag), { name: 'BadRequestError' }, list)
      assert.throws(() => isUnchanged(ifNoneMatch(list), etag), { name: 'BadRequestError' }, list)
    }
  })
})
