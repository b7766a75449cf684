import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delay, ticks } from '#node/time/delay.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

function listen(clock: ManualClock, pauseMs: number | ((tick: number) => number)) {
  const stopping = new AbortController()
  const seen: [tick: number, atMs: number][] = []
  const ended = (async () => {
    for await (const tick of ticks(clock, pauseMs, stopping.signal)) seen.push([tick, clock.now()])
  })()
  return { stopping, seen, ended }
}

describe('delay', () => {
  it('resolves when its clock reaches the time, and not before', async () => {
    const clock = new ManualClock()
    let done = false
    const waiting = delay(clock, 1000).then(() => (done = true))
    await clock.advance(999)
    assert.equal(done, false)
    await clock.advance(1)
    await waiting
    assert.equal(clock.pending(), 0)
  })

  it('rejects with the reason of its signal and leaves no timer', async () => {
    const clock = new ManualClock()
    const controller = new AbortController()
    const waiting = delay(clock, 1000, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await assert.rejects(waiting, /enough/)
    assert.equal(clock.pending(), 0)
  })
})

describe('ticks', () => {
  it('comes after each pause, numbered from 0', async () => {
    const clock = new ManualClock()
    const { seen, stopping, ended } = listen(clock, 10)
    await clock.advance(25)
    stopping.abort()
    await ended
    assert.deepEqual(seen, [
      [0, 10],
      [1, 20],
    ])
    assert.equal(clock.pending(), 0)
  })

  it('takes each pause from the number of its tick, and none at all for 0', async () => {
    const clock = new ManualClock()
    const { seen, stopping, ended } = listen(clock, (tick) => tick * 5)
    await clock.advance(15)
    stopping.abort()
    await ended
    assert.deepEqual(seen, [
      [0, 0],
      [1, 5],
      [2, 15],
    ])
  })

  it('brings nothing where its signal has aborted already', async () => {
    const seen: number[] = []
    for await (const tick of ticks(new ManualClock(), 0, AbortSignal.abort())) seen.push(tick)
    assert.deepEqual(seen, [])
  })
})
