import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryNetwork } from '../memory-network.ts'
import {
  addressOf,
  isListed,
  knownAddresses,
  lists,
  lookUpSelf,
  SOON_MS,
  startPeer,
} from '../peers.ts'

// Two cloud VMs behind 1:1 NAT; nobody says its public address.
const A = { address: '10.0.0.4', publicAddress: '11.0.0.11' }
const B = { address: '10.1.0.4', publicAddress: '11.0.0.12' }
const C = { address: '10.2.0.4', publicAddress: '11.0.0.13' }

describe('keepDialledAddresses', () => {
  it('lists a peer at the address that was dialled, though it announces only private ones', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await lists(b, a.peerId)
    const known = await knownAddresses(b, a.peerId)
    assert.deepEqual(known.toSorted(), ['/ip4/10.0.0.4/tcp/3000', '/ip4/11.0.0.11/tcp/3000'])
  })

  it('lists nobody at an address that only an inbound connection came from', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await lists(b, a.peerId)
    await lookUpSelf(b)
    assert.equal(await isListed(a, b.peerId), false)
    assert.deepEqual(await knownAddresses(a, b.peerId), ['/ip4/10.1.0.4/tcp/3000'])
  })

  it('tells others of the dialled address', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B, {
      BOOTSTRAP: addressOf(A),
      PUBLIC_IP: B.publicAddress,
    })
    await lists(b, a.peerId)
    await using c = await startPeer(network, C, { BOOTSTRAP: addressOf(B) })
    await lists(c, a.peerId)
    assert.ok((await knownAddresses(c, a.peerId)).includes('/ip4/11.0.0.11/tcp/3000'))
  })

  it('forgets a dialled address at the next identify once a dial to it has failed', async () => {
    const network = new MemoryNetwork()
    const moved = { ...A, publicAddress: '11.0.0.21' }
    const soon = AbortSignal.timeout(SOON_MS)
    const seed = { IDENTITY_SEED: 'a1'.repeat(32) }
    await using first = await startPeer(network, A, seed)
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await lists(b, first.peerId)
    await first.stop()
    const old = multiaddr(`${addressOf(A)}/p2p/${first.peerId.toString()}`)
    await assert.rejects(b.libp2p.dial(old, { force: true, signal: soon }))
    await using a = await startPeer(network, moved, seed)
    const identified = once(b.libp2p, 'peer:identify', { signal: soon })
    await b.libp2p.dial(multiaddr(addressOf(moved)), { signal: soon })
    await identified
    const known = await knownAddresses(b, a.peerId)
    assert.ok(known.includes('/ip4/11.0.0.21/tcp/3000'), known.join())
    assert.ok(!known.includes('/ip4/11.0.0.11/tcp/3000'), known.join())
  })
})
