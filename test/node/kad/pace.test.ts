import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Pace } from '#node/kad/pace.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

describe('the pace of peers', () => {
  it('calls one stalled that leaves a question unanswered, until something comes from it', async () => {
    const clock = new ManualClock()
    const pace = new Pace(clock)
    pace.asked('b')
    assert.equal(pace.isStalled('b'), false)
    await clock.advance(501)
    assert.equal(pace.isStalled('b'), true)
    assert.equal(pace.isStalled('c'), false)
    pace.answered('b', 501)
    assert.equal(pace.isStalled('b'), false)
  })

  it('calls one stalled that is away, and lets it be asked beside others', () => {
    const away = new Set(['b'])
    const pace = new Pace(new ManualClock(), (name) => away.has(name))
    assert.equal(pace.isStalled('b'), true)
    assert.equal(pace.isStalled('c'), false)
    assert.equal(pace.mayTryAgain('b'), true)
    pace.asked('b')
    assert.equal(pace.mayTryAgain('b'), false)
    away.clear()
    assert.equal(pace.isStalled('b'), false)
  })

  it('does not forget it when the question is given up, and tries again beside others', async () => {
    const clock = new ManualClock()
    const pace = new Pace(clock)
    pace.asked('b')
    await clock.advance(5000)
    assert.equal(pace.mayTryAgain('b'), false)
    pace.timedOut('b')
    assert.equal(pace.isStalled('b'), true)
    assert.equal(pace.mayTryAgain('b'), true)
    pace.asked('b')
    assert.equal(pace.mayTryAgain('b'), false)
    pace.timedOut('b')
    pace.heard('b')
    assert.equal(pace.isStalled('b'), false)
  })

  it('calls nobody stalled that cannot be reached at all: that is known at once', async () => {
    const clock = new ManualClock()
    const pace = new Pace(clock)
    pace.asked('b')
    pace.failed('b')
    await clock.advance(5000)
    assert.equal(pace.isStalled('b'), false)
  })

  it('gives peers more time where all are slow', async () => {
    const clock = new ManualClock()
    const pace = new Pace(clock)
    const before = pace.lateMs
    for (let count = 0; count < 100; count += 1) pace.answered('c', 200)
    assert.ok(pace.lateMs > 10 * before)
    pace.asked('b')
    await clock.advance(3000)
    assert.equal(pace.isStalled('b'), false)
  })
})
