import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import type { Peer } from '#node/peer/peer.ts'
import { pingPeer } from '#node/peer/ping.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { MemoryNetwork } from '../memory-network.ts'
import { addressOf, connects, startPeer } from '../peers.ts'

const A = { address: '11.0.0.1' }
const B = { address: '11.0.0.2' }

/** From now on it takes streams, and answers nothing on them. */
async function silence({ libp2p }: Peer): Promise<void> {
  await libp2p.unhandle('/ipfs/ping/1.0.0')
  await libp2p.handle('/ipfs/ping/1.0.0', () => {})
}

describe('pingPeer', () => {
  it('says how long a connected peer takes to answer', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await connects(b, a.peerId)
    const { roundTripMs } = await pingPeer({ libp2p: b.libp2p, clock: new ManualClock() }, a.peerId)
    assert.equal(roundTripMs, 0)
  })

  it('dials nobody', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B)
    const clock = new ManualClock()
    assert.deepEqual(await pingPeer({ libp2p: b.libp2p, clock }, a.peerId), { roundTripMs: null })
    assert.equal(b.libp2p.getConnections().length, 0)
  })

  it('closes a connection over which nothing comes within 5 s', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await connects(b, a.peerId)
    await silence(a)
    const clock = new ManualClock()
    const closed = once(b.libp2p, 'connection:close')
    const pinged = pingPeer({ libp2p: b.libp2p, clock }, a.peerId)
    await clock.advance(5000)
    assert.deepEqual(await pinged, { roundTripMs: null })
    await closed
  })

  it('ends with its caller, and leaves the connection alone', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await connects(b, a.peerId)
    await silence(a)
    const caller = new AbortController()
    const clock = new ManualClock()
    const pinged = pingPeer({ libp2p: b.libp2p, clock }, a.peerId, { signal: caller.signal })
    caller.abort(new Error('enough'))
    await assert.rejects(pinged, /enough/)
    assert.equal(b.libp2p.getConnections(a.peerId)[0]?.status, 'open')
  })
})
