import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Eviction } from '#node/peer/evict.ts'
import { MemoryNetwork } from '../memory-network.ts'
import { addressOf, isListed, lists, startPeer, unlists } from '../peers.ts'

const A = { address: '11.0.0.1' }
const B = { address: '11.0.0.2' }
const SEED = { IDENTITY_SEED: 'b2'.repeat(32) }

describe('evictDeadPeers', () => {
  it('takes a peer that is gone out of the routing table within the time, and says why', async () => {
    const network = new MemoryNetwork()
    const evictions: Eviction[] = []
    const told = Promise.withResolvers<void>()
    const onEvicted = (eviction: Eviction): void => {
      evictions.push(eviction)
      told.resolve()
    }
    await using a = await startPeer(network, A, { KAD_EVICT_AFTER_MS: '2000' }, { onEvicted })
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await lists(a, b.peerId)
    await b.stop()
    await unlists(a, b.peerId)
    await told.promise
    const [eviction, ...others] = evictions
    assert.equal(eviction?.peerId.toString(), b.peerId.toString())
    assert.match(eviction?.error ?? '', /ECONNREFUSED/)
    assert.deepEqual(others, [])
  })

  it('takes out a peer that vanished without a word and swallows every dial', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A, { KAD_EVICT_AFTER_MS: '400' })
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await lists(a, b.peerId)
    network.swallow('11.0.0.1:3000')
    network.swallow('11.0.0.2:3000')
    for (const connection of a.libp2p.getConnections(b.peerId)) connection.abort(new Error('gone'))
    await unlists(a, b.peerId)
  })

  it('keeps a peer that comes back in time', async () => {
    const network = new MemoryNetwork()
    const evictions: Eviction[] = []
    await using a = await startPeer(
      network,
      A,
      { KAD_EVICT_AFTER_MS: '10000' },
      { onEvicted: (eviction) => evictions.push(eviction) },
    )
    await using first = await startPeer(network, B, { ...SEED, BOOTSTRAP: addressOf(A) })
    await lists(a, first.peerId)
    await first.stop()
    await using second = await startPeer(network, B, SEED)
    // It has no bootstrap peer: that it is connected is A's doing.
    await lists(second, a.peerId)
    assert.equal(await isListed(a, second.peerId), true)
    assert.deepEqual(evictions, [])
  })

  it('lists a peer again that comes back after it was taken out', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A, { KAD_EVICT_AFTER_MS: '200' })
    const env = { ...SEED, BOOTSTRAP: addressOf(A) }
    await using first = await startPeer(network, B, env)
    await lists(a, first.peerId)
    await first.stop()
    await unlists(a, first.peerId)
    await using second = await startPeer(network, B, env)
    await lists(a, second.peerId)
  })
})
