import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseCpuTime, watchStolen } from '../../../scripts/bench/stolen.ts'

function noFile(): string {
  throw new Error('no such file')
}

describe('stolen CPU time', () => {
  it('is the eighth time of /proc/stat, in the sum of eight', () => {
    const stat = 'cpu  10 20 30 40 50 60 70 80 90 100\ncpu0 1 2 3 4 5 6 7 8 9 10\n'
    assert.deepEqual(parseCpuTime(stat), { all: 360, stolen: 80 })
  })

  it('is told as a share of what passed since', () => {
    const texts = ['cpu 100 0 0 100 0 0 0 0 0 0', 'cpu 150 0 0 125 0 0 0 25 0 0']
    assert.equal(watchStolen(() => texts.shift() ?? '')(), 0.25)
  })

  it('is unknown where the system does not tell', () => {
    assert.equal(watchStolen(noFile)(), null)
    assert.equal(watchStolen(() => 'cpu 1 2 3 4 5 6 7 8')(), null)
  })
})
