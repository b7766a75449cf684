import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryNetwork } from '../memory-network.ts'
import { addressOf, connects, isListed, lists, lookUpSelf, startPeer } from '../peers.ts'

const A = { address: '10.0.0.4', publicAddress: '11.0.0.11' }
const B = { address: '10.1.0.4', publicAddress: '11.0.0.12' }
const C = { address: '10.2.0.4', publicAddress: '11.0.0.13' }

describe('filterAnswering', () => {
  it('keeps a peer with private addresses out, though another names it and it answers a query', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A, {
      PUBLIC_IP: A.publicAddress,
      // Else the query leaves B out, because none of its addresses may be dialled.
      DIAL_PRIVATE: 'yes',
    })
    // C tells of everybody, whatever the address.
    await using c = await startPeer(network, C, {
      PUBLIC_IP: C.publicAddress,
      ADDRESS_SCOPE: 'any',
      BOOTSTRAP: addressOf(A),
    })
    await lists(a, c.peerId)
    await using b = await startPeer(network, B, {
      BOOTSTRAP: [addressOf(A), addressOf(C)].join(','),
    })
    await Promise.all([lists(c, b.peerId), connects(a, b.peerId), lists(b, a.peerId)])

    const answered: string[] = []
    // A query goes on only to peers that are closer to its key than who named them.
    const key = b.peerId.toMultihash().bytes
    for await (const event of a.dht.getClosestPeers(key)) {
      if (event.name === 'PEER_RESPONSE') answered.push(event.from.toString())
    }
    assert.ok(answered.includes(b.peerId.toString()), 'the query never came to B')
    // What an answer puts into the table is there before the next query's end.
    await lookUpSelf(a)
    assert.equal(await isListed(a, b.peerId), false)
    assert.equal(await isListed(a, c.peerId), true)
  })
})
