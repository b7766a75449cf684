import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HybridClock, MAX_AHEAD_MS } from '#node/store/hybrid-clock.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

const NOW = 1_700_000_000_000
const at = (timeMs: number, counter = 0, writer = 'a') => ({ timeMs, counter, writer })

describe('a hybrid clock', () => {
  it('gives the time of day, and counts within a millisecond', async () => {
    const clock = new ManualClock(NOW)
    const time = new HybridClock(clock, 'a')
    assert.deepEqual([time.next(), time.next()], [at(NOW), at(NOW, 1)])
    await clock.advance(1)
    assert.deepEqual(time.next(), at(NOW + 1))
  })

  it('gives nothing that is older than what it saw, however far its own clock is behind', async () => {
    const clock = new ManualClock(NOW)
    const time = new HybridClock(clock, 'a')
    time.saw(at(NOW + 1000, 7, 'b'))
    assert.deepEqual(time.next(), at(NOW + 1000, 8))
    time.saw(at(NOW + 1000, 3, 'b'))
    time.saw(at(NOW, 99, 'b'))
    assert.deepEqual(time.next(), at(NOW + 1000, 9))
    await clock.advance(1001)
    assert.deepEqual(time.next(), at(NOW + 1001))
  })

  it('goes on from what its node holds, also where its own clock has gone back a day', () => {
    const time = new HybridClock(new ManualClock(NOW - 86_400_000), 'a')
    time.holds(at(NOW, 7, 'b'))
    assert.deepEqual(time.next(), at(NOW, 8))
    time.holds(at(NOW - 5))
    assert.deepEqual(time.next(), at(NOW, 9))
  })

  it('is not led on by what nobody takes, nor to a counter that no record can carry', () => {
    const time = new HybridClock(new ManualClock(NOW), 'a')
    time.saw(at(NOW + MAX_AHEAD_MS + 1))
    assert.deepEqual(time.next(), at(NOW))
    time.saw(at(NOW + 5, 0xffff_ffff))
    assert.deepEqual(time.next(), at(NOW + 6))
  })
})
