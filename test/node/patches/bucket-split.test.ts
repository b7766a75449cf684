import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PeerId } from '@libp2p/interface'
import { listedPeers } from '#node/patches/kad.ts'
import { newPeerId } from '../fake-libp2p.ts'
import { MemoryNetwork } from '../memory-network.ts'
import { startPeer } from '../peers.ts'

/** What the test reaches of kad-dht's table. */
interface Table {
  add(peer: PeerId): Promise<void>
  kb: { verify: () => Promise<boolean> }
}

describe('splitBucketsAtOnce', () => {
  it('loses and doubles nobody when many peers are listed at the same moment', async () => {
    await using peer = await startPeer(new MemoryNetwork(), { address: '11.0.0.1' })
    const table = peer.dht.routingTable as unknown as Table
    // Verifying pings that end some microtasks apart, as they do on a busy node.
    let pings = 0
    table.kb.verify = async () => {
      pings += 1
      const turns = pings % 40
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      return true
    }
    const peers = await Promise.all(Array.from({ length: 100 }, newPeerId))
    await Promise.all(peers.map(async (id) => table.add(id)))

    assert.deepEqual(listedPeers(peer.dht).map(String).toSorted(), peers.map(String).toSorted())
    const found = await Promise.all(peers.map(async (id) => peer.dht.routingTable.find(id)))
    assert.ok(found.every((id) => id !== undefined))
  })
})
