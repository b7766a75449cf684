import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { Scheduler } from '#orchestrator/fabric/sim/scheduler.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

describe('scheduler', () => {
  it('runs everything once, in order of time and then of scheduling, at its very moment', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 })), async (dues) => {
        const clock = new ManualClock()
        const scheduler = new Scheduler(clock)
        const ran: { dueMs: number; index: number; nowMs: number }[] = []
        dues.forEach((dueMs, index) =>
          scheduler.at(dueMs, () => ran.push({ dueMs, index, nowMs: scheduler.now() })),
        )
        await clock.advance(100)
        const wanted = dues
          .map((dueMs, index) => ({ dueMs, index, nowMs: dueMs }))
          .toSorted((one, other) => one.dueMs - other.dueMs || one.index - other.index)
        assert.deepEqual(ran, wanted)
      }),
    )
  })

  it('keeps its own time where the timer comes late', () => {
    let nowMs = 0
    let fire: (() => void) | undefined
    const scheduler = new Scheduler({
      now: () => nowMs,
      setTimeout: (action) => {
        fire = action
        return {}
      },
      clearTimeout: () => undefined,
    })
    const seen: number[] = []
    scheduler.at(1, () => scheduler.at(scheduler.now() + 1, () => seen.push(scheduler.now())))
    nowMs = 10
    fire?.()
    assert.deepEqual(seen, [2])
  })

  it('lets the event loop in between events that never end', async () => {
    const clock = new ManualClock()
    const scheduler = new Scheduler(clock)
    let count = 0
    const again = (): void => {
      count += 1
      if (count < 5000) scheduler.at(scheduler.now(), again)
    }
    scheduler.at(0, again)
    let countAtImmediate = 0
    setImmediate(() => {
      setImmediate(() => {
        countAtImmediate = count
      })
    })
    await clock.advance(1)
    assert.equal(count, 5000)
    assert.ok(countAtImmediate < 5000)
  })

  it('runs nothing after it was stopped', async () => {
    const clock = new ManualClock()
    const scheduler = new Scheduler(clock)
    let ran = 0
    const count = (): void => {
      ran += 1
    }
    scheduler.at(1, count)
    scheduler.stop()
    scheduler.at(1, count)
    await clock.advance(10)
    assert.equal(ran, 0)
  })
})
