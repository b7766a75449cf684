import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { changesBetween } from '#node/doctor/changes.ts'

describe('what has changed between two examinations', () => {
  it('is what is new, what is another, and what is gone', () => {
    const before = new Map([
      ['rung', 'dialable'],
      ['agent', 'a'],
      ['/ip4/11.0.0.1/tcp/1', 'confirmed'],
    ])
    const after = new Map([
      ['rung', 'listed, ADDRESS_REFUSED'],
      ['agent', 'a'],
      ['/ip4/11.0.0.1/tcp/2', 'unverified'],
    ])
    assert.deepEqual(changesBetween(before, after), [
      'rung: dialable → listed, ADDRESS_REFUSED',
      '/ip4/11.0.0.1/tcp/2: unverified',
      '/ip4/11.0.0.1/tcp/1: gone',
    ])
    assert.deepEqual(changesBetween(after, after), [])
  })
})
