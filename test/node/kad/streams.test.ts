import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PeerId, Stream } from '@libp2p/interface'
import { StreamPool } from '#node/kad/streams.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

const PEER = { toString: () => 'peer' } as PeerId
const never = new AbortController().signal

const nothing = (): void => {}

/** A stream that can be asked, and says nothing. */
function quietStream(): Stream {
  const states = { status: 'open', writeStatus: 'writable', remoteWriteStatus: 'writable' }
  return { ...states, addEventListener: nothing, close: async () => {} } as unknown as Stream
}

describe('a pool of streams', () => {
  it('opens few to a peer that has not answered, and more to one that has', async () => {
    let opened = 0
    const pool = new StreamPool(
      {
        clock: new ManualClock(),
        openStream: () => {
          opened += 1
          return Promise.resolve(quietStream())
        },
      },
      '/kad/1.0.0',
    )
    const taken = Array.from({ length: 40 }, async () => pool.take(PEER, never))
    const first = await Promise.race(taken)
    await Promise.resolve()
    // js-libp2p ends a connection at the eleventh that comes before it listens.
    assert.equal(opened, 4)
    pool.giveBack(PEER, first.question)
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
    assert.equal(opened, 16)
    pool.stop()
  })
})
