import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '#node/time/clock.ts'

describe('systemClock', () => {
  it('counts from the epoch', () => {
    assert.ok(Math.abs(systemClock.now() - Date.now()) < 60_000)
  })

  it('calls at the next turn of the event loop where there is nothing to wait for', async () => {
    const order: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    systemClock.setTimeout(() => {
      order.push('timer')
      resolve()
    }, 0)
    await Promise.resolve().then(() => order.push('promise'))
    await promise
    assert.deepEqual(order, ['promise', 'timer'])
  })

  it('never calls what was cleared, at once or later', async () => {
    let calls = 0
    for (const delayMs of [0, 1]) {
      systemClock.clearTimeout(systemClock.setTimeout(() => (calls += 1), delayMs))
    }
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 5))
    assert.equal(calls, 0)
  })
})
