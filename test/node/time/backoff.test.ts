import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { backoffMs } from '#node/time/backoff.ts'

describe('backoffMs', () => {
  it('doubles up to the maximum, however many tries there were', () => {
    const options = { firstMs: 50, maxMs: 5000, random: () => 1 }
    assert.deepEqual(
      [0, 1, 2, 6, 7, 5000].map((tries) => backoffMs(tries, options)),
      [50, 100, 200, 3200, 5000, 5000],
    )
  })

  it('varies from half to the whole', () => {
    const options = { firstMs: 100, maxMs: 5000 }
    assert.equal(backoffMs(0, { ...options, random: () => 0 }), 50)
    assert.equal(backoffMs(0, { ...options, random: () => 0.5 }), 75)
  })
})
