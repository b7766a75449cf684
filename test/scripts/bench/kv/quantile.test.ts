import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { quantile, timesOf } from '../../../../scripts/bench/kv/quantile.ts'

describe('a quantile', () => {
  it('is the value below which that share of the values lies, whatever their order', () => {
    const values = Array.from({ length: 100 }, (_, index) => 99 - index)
    assert.equal(quantile(values, 0.5), 50)
    assert.equal(quantile(values, 0.99), 99)
  })

  it('is the greatest of few values, and no number for none', () => {
    assert.equal(quantile([3, 1, 2], 0.99), 3)
    assert.ok(Number.isNaN(quantile([], 0.5)))
  })

  it('is given with how many values there were', () => {
    assert.deepEqual(timesOf([1.23456, 1.23456, 9]), { count: 3, p50: 1.235, p99: 9 })
  })
})
