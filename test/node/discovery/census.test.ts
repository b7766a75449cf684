import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { newPeerId } from '#test/node/fake-libp2p.ts'
import { closedAddress } from './odd-listeners.ts'
import { startNode, startPair, type TestNode } from './stock-node.ts'

/** Names so many peers to a node, as an answer to a lookup does. */
async function nameStrangers({ libp2p }: TestNode, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await libp2p.peerStore.merge(await newPeerId(), {
      multiaddrs: [multiaddr('/ip4/127.0.0.1/tcp/9')],
    })
  }
}

describe('the census of a node', () => {
  it('judges who is connected or listed, and counts strangers without a look at each', async () => {
    await using pair = await startPair()
    const { a, b } = pair
    await nameStrangers(a, 50)
    const read = mock.method(a.libp2p.peerStore, 'get')
    const { sightings, others } = await a.observer.census()
    assert.deepEqual(
      sightings.map(({ peerId, listed }) => [peerId, listed]),
      [[b.id, true]],
    )
    assert.deepEqual([...others], [['NEVER_DIALLED', 50]])
    const readPeers = read.mock.calls.map(({ arguments: [peer] }) => String(peer))
    assert.deepEqual([...new Set(readPeers)], [b.id])
  })

  it('counts those without a connection by why there is none', async () => {
    await using a = await startNode()
    await using b = await startNode({ kad: { clientMode: true } })
    await b.libp2p.dial(a.address())
    await a.event(({ event }) => event === 'identified')
    await b.libp2p.hangUp(a.peerId)
    await a.event(({ event }) => event === 'closed')
    const absent = `${await closedAddress()}/p2p/${String(await newPeerId())}`
    await assert.rejects(a.libp2p.dial(multiaddr(absent)))
    const { sightings, others } = await a.observer.census()
    assert.deepEqual(sightings, [])
    assert.deepEqual(
      new Map(others),
      new Map([
        ['CONNECTION_LOST', 1],
        ['DIAL_REFUSED', 1],
      ]),
    )
  })

  it('judges who was dialled back, connected or not', async () => {
    await using a = await startNode()
    await using b = await startNode({ kad: { clientMode: true } })
    const { ok } = await a.observer.dial(b.address().toString())
    assert.equal(ok, true)
    const { sightings, others } = await a.observer.census()
    assert.deepEqual(
      sightings.map(({ peerId, listed }) => [peerId, listed]),
      [[b.id, false]],
    )
    assert.equal(others.size, 0)
  })
})
