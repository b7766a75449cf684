import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Scheduler } from '#orchestrator/fabric/sim/scheduler.ts'
import { RetransmissionTimer } from '#orchestrator/fabric/sim/tcp-timing.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

/** A timer that starts again whenever it expires, and when it did. */
function createTimer() {
  const clock = new ManualClock()
  const expiredMs: number[] = []
  const timer = new RetransmissionTimer(new Scheduler(clock), () => {
    expiredMs.push(clock.now())
    timer.restart()
  })
  return { clock, timer, expiredMs }
}

describe('RetransmissionTimer', () => {
  it('waits a second before anything was measured, and twice as long each time', async () => {
    const { clock, timer, expiredMs } = createTimer()
    timer.restart()
    await clock.advance(7000)
    assert.deepEqual(expiredMs, [1000, 3000, 7000])
    assert.equal(timer.retries, 3)
  })

  it('never waits less than 200 ms nor longer than two minutes', async () => {
    const { clock, timer, expiredMs } = createTimer()
    timer.measured(1)
    timer.restart()
    await clock.advance(1_000_000)
    const waits = expiredMs.map((at, index) => at - (expiredMs[index - 1] ?? 0))
    assert.equal(waits[0], 200)
    assert.deepEqual(new Set(waits.slice(10)), new Set([120_000]))
  })

  it('waits as shortly as before once something got through', async () => {
    const { clock, timer, expiredMs } = createTimer()
    timer.measured(20)
    timer.restart()
    await clock.advance(100_000)
    assert.ok(expiredMs.length < 10)
    timer.progressed()
    timer.restart()
    await clock.advance(200)
    assert.equal(expiredMs.at(-1), 100_200)
  })

  it('forgets how often it asked whoever answers, and asks no more often for that', async () => {
    const { clock, timer, expiredMs } = createTimer()
    timer.restart()
    await clock.advance(7000)
    timer.answered()
    assert.equal(timer.retries, 0)
    await clock.advance(7999)
    assert.equal(expiredMs.at(-1), 7000)
    await clock.advance(1)
    assert.equal(expiredMs.at(-1), 15_000)
  })

  it('tells nothing once it was stopped', async () => {
    const { clock, timer, expiredMs } = createTimer()
    timer.restart()
    timer.stop()
    await clock.advance(10_000)
    assert.deepEqual(expiredMs, [])
  })
})
