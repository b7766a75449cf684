import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryNetwork } from '../memory-network.ts'
import { addressOf, connects, lists, startPeer } from '../peers.ts'

const A = { address: '10.0.0.4', publicAddress: '11.0.0.11' }
const B = { address: '10.1.0.4', publicAddress: '11.0.0.12' }

describe('preferLastingConnections', () => {
  it('asks a peer over the connection that has lasted, while that peer dials back', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A, { PUBLIC_IP: A.publicAddress })
    await using b = await startPeer(network, B, {
      PUBLIC_IP: B.publicAddress,
      BOOTSTRAP: addressOf(A),
    })
    await Promise.all([lists(b, a.peerId), connects(a, b.peerId)])
    const [lasting] = b.libp2p.getConnections(a.peerId)
    const dialledBack = new Promise((resolve) => {
      b.libp2p.addEventListener('connection:open', resolve, { once: true })
    })
    await a.libp2p.dial(multiaddr(addressOf(B)), { force: true })
    await dialledBack
    assert.equal(b.libp2p.getConnections(a.peerId).length, 2)
    assert.equal((await b.libp2p.dial(a.peerId)).id, lasting?.id)
  })

  it('still dials anew where it is told to', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A, { PUBLIC_IP: A.publicAddress })
    await using b = await startPeer(network, B, { PUBLIC_IP: B.publicAddress })
    const address = multiaddr(`${addressOf(A)}/p2p/${a.peerId.toString()}`)
    const first = await b.libp2p.dial(address)
    const second = await b.libp2p.dial(address, { force: true })
    assert.notEqual(second.id, first.id)
    assert.equal((await b.libp2p.dial(a.peerId)).id, first.id)
  })
})
