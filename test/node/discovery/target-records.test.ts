import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TargetRecords } from '#node/discovery/target-records.ts'

describe('TargetRecords', () => {
  it('has one record for each peer', () => {
    const records = new TargetRecords(2, () => false)
    assert.equal(records.get('a'), undefined)
    assert.equal(records.of('a'), records.of('a'))
    assert.equal(records.get('a'), records.of('a'))
  })

  it('forgets the oldest record that nobody needs when there are too many', () => {
    const records = new TargetRecords(2, ({ peerId }) => peerId === 'a')
    for (const peer of ['a', 'b', 'c']) records.of(peer)
    assert.deepEqual(
      records.values().map(({ peerId }) => peerId),
      ['a', 'c'],
    )
  })

  it('keeps what is needed, even above its limit', () => {
    const records = new TargetRecords(1, () => true)
    records.of('a')
    records.of('b')
    assert.equal(records.values().length, 2)
  })
})
