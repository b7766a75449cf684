import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_CONNECTIONS_OF_PEER } from '#node/peer/connections-of-peer.ts'
import { MemoryNetwork } from '#test/node/memory-network.ts'
import { addressOf, lists, startPeer } from '#test/node/peers.ts'

const A = { address: '11.0.0.1' }
const B = { address: '11.0.0.2' }
const C = { address: '11.0.0.3' }

describe('the connections of one peer', () => {
  it('are let in up to a number, whoever else is', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using greedy = await startPeer(network, B)
    await using other = await startPeer(network, C)
    const refused: string[] = []
    a.refusals.onRefused((what) => refused.push(what))
    const target = multiaddr(`${addressOf(A)}/p2p/${a.peerId.toString()}`)
    // One after the other: libp2p joins dials that are under way to the same peer.
    for (let count = 0; count < 2 * MAX_CONNECTIONS_OF_PEER; count += 1) {
      await greedy.libp2p.dial(target, { force: true }).catch(() => {})
    }
    const open = a.libp2p.getConnections(greedy.peerId).length
    assert.ok(open > 0 && open <= MAX_CONNECTIONS_OF_PEER, `${open} connections`)
    assert.ok(refused.filter((what) => what === 'peer-connection').length > 0)
    await other.libp2p.dial(target)
    await lists(a, other.peerId)
  })
})
