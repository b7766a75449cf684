import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delay, timeoutSignal } from '#node/time/clock.ts'
import { createManualClock } from '#test/node/manual-clock.ts'

describe('delay', () => {
  it('resolves when its clock reaches the time, and not before', async () => {
    const clock = createManualClock()
    let done = false
    const waiting = delay(clock, 1000).then(() => (done = true))
    await clock.advance(999)
    assert.equal(done, false)
    await clock.advance(1)
    await waiting
    assert.equal(clock.pending(), 0)
  })

  it('rejects with the reason of its signal and leaves no timer', async () => {
    const clock = createManualClock()
    const controller = new AbortController()
    const waiting = delay(clock, 1000, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await assert.rejects(waiting, /enough/)
    assert.equal(clock.pending(), 0)
  })
})

describe('timeoutSignal', () => {
  it('aborts with a TimeoutError at its time, and never once cleared', async () => {
    const clock = createManualClock()
    const late = timeoutSignal(clock, 50)
    const cleared = timeoutSignal(clock, 50)
    cleared.clear()
    await clock.advance(50)
    assert.equal((late.signal.reason as Error).name, 'TimeoutError')
    assert.equal(cleared.signal.aborted, false)
  })
})
