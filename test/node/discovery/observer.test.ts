import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startNode } from './stock-node.ts'

describe('observer', () => {
  it('sees a peer climb to the top rung, by a dial-back that leaves the connection alone', async () => {
    await using a = await startNode()
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'NOT_DIALLED_BACK')
    const before = a.libp2p.getConnections(b.peerId).map(({ id }) => id)
    const sighting = await a.sighting(b.id, { dialBack: true })
    assert.equal(sighting.rung, 'dialable')
    assert.equal(sighting.cause, null)
    assert.deepEqual(
      a.libp2p.getConnections(b.peerId).map(({ id }) => id),
      before,
    )
  })
})
