import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Misconduct } from '#node/kad/misconduct.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

describe('misconduct', () => {
  it('is one too many above 64 in ten seconds, by each peer for itself', () => {
    const misconduct = new Misconduct(new ManualClock())
    for (let count = 0; count < 64; count += 1) assert.equal(misconduct.note('a'), false)
    assert.equal(misconduct.note('b'), false)
    assert.equal(misconduct.note('a'), true)
    assert.equal(misconduct.note('a'), false, 'a peer that comes again begins anew')
  })

  it('is forgotten where it is rare', async () => {
    const clock = new ManualClock()
    const misconduct = new Misconduct(clock)
    for (let count = 0; count < 200; count += 1) {
      assert.equal(misconduct.note('a'), false)
      await clock.advance(1000)
    }
  })
})
