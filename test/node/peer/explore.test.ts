import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '#node/base/log.ts'
import type { KadDHT } from '#node/patches/kad.ts'
import { createExplore } from '#node/peer/explore.ts'
import { createLookup } from '#node/peer/lookup.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

function bench(query: (signal: AbortSignal) => AsyncGenerator<never>) {
  const clock = new ManualClock(0)
  const lookups: number[] = []
  const dht = {
    getClosestPeers: (_key: Uint8Array, { signal }: { signal: AbortSignal }) => {
      lookups.push(clock.now())
      return query(signal)
    },
  } as unknown as KadDHT
  const lookUp = createLookup(
    { dht, ownKey: new Uint8Array(), clock, log: silentLog },
    { queryTimeoutMs: 30_000 },
  )
  const explore = createExplore({ lookUp, clock })
  return { clock, lookups, explore }
}

async function* nothing(): AsyncGenerator<never> {}

async function* endless(signal: AbortSignal): AsyncGenerator<never> {
  yield await new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}

describe('createExplore', () => {
  it('looks for neighbours a few times after a joining, and then leaves it to the refresh', async () => {
    const { clock, lookups, explore } = bench(nothing)
    explore.begin()
    await clock.advance(600_000)
    assert.deepEqual(lookups, [0, 1000, 5000, 20_000])
    await explore.stop()
  })

  it('begins anew when the node joins again', async () => {
    const { clock, lookups, explore } = bench(nothing)
    explore.begin()
    await clock.advance(3000)
    explore.begin()
    await clock.advance(2500)
    assert.deepEqual(lookups, [0, 1000, 3000, 4000])
    await explore.stop()
    assert.equal(clock.pending(), 0)
  })

  it('gives a lookup up after the query timeout, and goes on', async () => {
    const { clock, lookups, explore } = bench(endless)
    explore.begin()
    await clock.advance(31_000)
    assert.deepEqual(lookups, [0, 30_000])
    await explore.stop()
  })
})
