import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRetries } from '#node/peer/retries.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

const PAUSES = { firstMs: 1000, maxMs: 4000 }

function bench() {
  const clock = new ManualClock(0)
  // The whole pause each time: `backoffMs` takes up to half of it away.
  const retries = createRetries({ clock, random: () => 0.999_999 })
  const tries: number[] = []
  const until = (count: number) => async (): Promise<boolean> => {
    tries.push(clock.now())
    return tries.length === count
  }
  return { clock, retries, tries, until }
}

describe('retries', () => {
  it('are made with growing pauses until one succeeds', async () => {
    const { clock, retries, tries, until } = bench()
    retries.begin('it', PAUSES, until(4))
    await clock.advance(60_000)
    assert.deepEqual(tries, [1000, 3000, 7000, 11_000])
    assert.equal(clock.pending(), 0)
  })

  it('of one name are begun once, and ended by it', async () => {
    const { clock, retries, tries, until } = bench()
    retries.begin('it', PAUSES, until(100))
    retries.begin('it', PAUSES, until(100))
    await clock.advance(1500)
    retries.end('it')
    await clock.advance(60_000)
    assert.deepEqual(tries, [1000])
  })

  it('end with stop, and none begins after it', async () => {
    const { clock, retries, tries, until } = bench()
    retries.begin('it', PAUSES, until(100))
    await retries.stop()
    retries.begin('another', PAUSES, until(100))
    await clock.advance(60_000)
    assert.deepEqual(tries, [])
    assert.equal(clock.pending(), 0)
  })
})
