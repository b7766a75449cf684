import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '#node/base/log.ts'
import { watchDialable } from '#node/discovery/dialable-watch.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

function bench(intervalMs: number | null) {
  const clock = new ManualClock(0)
  const asked: unknown[] = []
  const observer = {
    dialBack: async ({ again }: { again?: boolean } = {}) => {
      asked.push([clock.now(), again])
      if (asked.length === 1) throw new Error('no route')
    },
  }
  return { clock, asked, watch: watchDialable({ observer, clock, log: silentLog }, { intervalMs }) }
}

describe('watchDialable', () => {
  it('dials everybody back again at each interval, whatever came of the last time', async () => {
    const { clock, asked, watch } = bench(1000)
    watch.start()
    watch.start()
    await clock.advance(2500)
    assert.deepEqual(asked, [
      [1000, true],
      [2000, true],
    ])
    await watch.stop()
    await watch.stop()
    assert.equal(clock.pending(), 0)
  })

  it('does nothing without an interval', async () => {
    const { clock, asked, watch } = bench(null)
    watch.start()
    assert.equal(clock.pending(), 0)
    await clock.advance(5000)
    assert.deepEqual(asked, [])
    await watch.stop()
  })
})
