import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readJson } from '#orchestrator/web/read-json.ts'

describe('JSON of others in a page', () => {
  it('is what it was where nothing hides in it', () => {
    const value = { text: 'ä <b>\n\tend', list: [1, null, true], nested: { key: 'x' } }
    assert.deepEqual(readJson(JSON.stringify(value)), value)
  })

  it('has what hides or turns text around written out, however it was escaped', () => {
    const hidden = 'a\u202eb\u001b[2Jc\u0000d\u2028e\u0085f'
    const seen = String.raw`a\u{202e}b\u{1b}[2Jc\u{0}d\u{2028}e\u{85}f`
    assert.deepEqual(readJson(JSON.stringify({ list: [hidden] })), { list: [seen] })
    assert.equal(readJson(String.raw`"a\u202eb"`), String.raw`a\u{202e}b`)
    assert.equal(readJson(String.raw`"a\rb\nc"`), 'a\\u{d}b\nc')
  })
})
