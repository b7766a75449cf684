import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { figure, median } from '../../../../scripts/bench/figures/figure.ts'

describe('median', () => {
  it('is the middle value, whatever the order', () => {
    assert.equal(median([30, 1, 2]), 2)
    assert.equal(median([100, 9, 20]), 20)
  })

  it('lies between the two middle values of an even number', () => {
    assert.equal(median([40, 1, 2, 4]), 3)
  })

  it('leaves the values as they are', () => {
    const values = [3, 1, 2]
    median(values)
    assert.deepEqual(values, [3, 1, 2])
  })

  it('of nothing is no number', () => {
    assert.ok(Number.isNaN(median([])))
  })
})

describe('a figure', () => {
  it('holds the median of its runs against the target', () => {
    assert.deepEqual(figure('a call', 'ms', [4, 1, 2], 2.5), {
      name: 'a call',
      unit: 'ms',
      runs: [4, 1, 2],
      median: 2,
      target: 2.5,
      ratio: 0.8,
      met: true,
    })
  })

  it('is met at the target itself, and not met a hair above it, though both are told alike', () => {
    assert.equal(figure('a call', 'ms', [200], 200).met, true)
    const above = figure('a call', 'ms', [200.001], 200)
    assert.equal(above.met, false)
    assert.equal(above.ratio, 1)
  })

  it('is not met where nothing was measured', () => {
    assert.equal(figure('a call', 'ms', [], 200).met, false)
  })

  it('tells four digits, of large values too', () => {
    const { runs, median: middle } = figure('memory', 'bytes', [84_123_456], 85e6)
    assert.deepEqual(runs, [84_120_000])
    assert.equal(middle, 84_120_000)
  })
})
