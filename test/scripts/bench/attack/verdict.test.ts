import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Fare } from '../../../../scripts/bench/attack/measure.ts'
import { judgeAttack } from '../../../../scripts/bench/attack/verdict.ts'

const WELL: Fare = {
  p99Ms: 40,
  calls: 100,
  failed: 0,
  joinMs: 150,
  residentBytes: 100e6,
  stoodMs: 10,
  logLinesPerSecond: 0.2,
  refused: {},
}

describe('judgeAttack', () => {
  it('finds nothing where honest people notice nothing', () => {
    const { met, why, p99Ratio, joinRatio, memoryRatios } = judgeAttack(WELL, WELL, WELL)
    assert.deepEqual([met, why], [true, []])
    assert.deepEqual([p99Ratio, joinRatio, memoryRatios], [1, 1, [1, 1]])
  })

  it('says each thing that they could not live with', () => {
    for (const [during, said] of [
      [{ p99Ms: 121 }, /99 of 100 calls took 121 ms \(40 before\)/],
      [{ failed: 1 }, /1 of 100 calls failed/],
      [{ joinMs: null }, /a newcomer did not join/],
      [{ joinMs: 451 }, /a newcomer joined in 451 ms/],
      [{ residentBytes: 151e6 }, /memory grew to 1\.51/],
      [{ stoodMs: 201 }, /stood still for 201 ms/],
      [{ logLinesPerSecond: 6 }, /6 log lines a second/],
    ] as const) {
      const { met, why } = judgeAttack(WELL, { ...WELL, ...during }, WELL)
      assert.equal(met, false)
      assert.match(why.join(), said)
      assert.equal(why.length, 1, why.join())
    }
  })

  it('wants everything to be as before afterwards', () => {
    for (const [after, said] of [
      [{ residentBytes: 126e6 }, /memory stayed at 1\.26/],
      [{ failed: 2 }, /2 of 100 calls failed afterwards/],
      [{ joinMs: null }, /no newcomer joined afterwards/],
    ] as const) {
      assert.match(judgeAttack(WELL, WELL, { ...WELL, ...after }).why.join(), said)
    }
  })

  it('takes no pause of a busy machine for an attack', () => {
    const quick = { ...WELL, p99Ms: 5, joinMs: 20 }
    assert.equal(judgeAttack(quick, { ...WELL, p99Ms: 80, joinMs: 280 }, WELL).met, true)
  })
})
