import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { Contacts } from '#node/kad/distance.ts'
import { createPeerNews } from '#node/kad/peer-news.ts'
import type { KadInternals } from '#node/patches/kad-internals.ts'
import { createLoopbackPeer } from '#test/node/store/loopback-peer.ts'

describe('news of peers', () => {
  it('are told of strangers each time, and of a listed peer when its addresses change', async () => {
    await using a = await createLoopbackPeer(1)
    const table = new EventTarget()
    const heard: PeerInfo[] = []
    const network = {
      safeDispatchEvent: (_type: 'peer', { detail }: { detail: PeerInfo }) =>
        heard.push(detail) > 0,
    }
    const routingTable = Object.assign(table, { size: 0, kb: { toIterable: () => [] } })
    const kad = { network, routingTable } as unknown as KadInternals
    const news = createPeerNews({ kad, contacts: new Contacts() })
    const tell = (...addresses: string[]): number => {
      const multiaddrs = addresses.map((each) => multiaddr(each).bytes)
      news.tell({ id: a.peerId.toMultihash().bytes, multiaddrs })
      return heard.length
    }
    const listed = (event: 'peer:add' | 'peer:remove'): boolean =>
      table.dispatchEvent(new CustomEvent<PeerId>(event, { detail: a.peerId }))
    const [one, other] = ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2']

    assert.equal(tell(one), 1)
    assert.equal(tell(one), 2)
    listed('peer:add')
    assert.equal(tell(one), 3)
    assert.equal(tell(one), 3)
    assert.equal(tell(one, other), 4)
    assert.equal(tell(other, one), 4)
    listed('peer:remove')
    assert.equal(tell(other, one), 5)
    assert.deepEqual(heard.at(-1)?.multiaddrs.map(String), [other, one])
  })

  it('are not told of what is no peer', () => {
    const routingTable = Object.assign(new EventTarget(), { kb: { toIterable: () => [] } })
    const network = { safeDispatchEvent: () => assert.fail() }
    const kad = { network, routingTable } as unknown as KadInternals
    const news = createPeerNews({ kad, contacts: new Contacts() })
    news.tell({ id: new Uint8Array(3), multiaddrs: [] })
    news.tell({ id: new Uint8Array(0), multiaddrs: [new Uint8Array([255])] })
  })

  it('still reach a node whose peers tell it of one that it does not list', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await using c = await createLoopbackPeer(3)
    await b.meet(a)
    await c.meet(a)
    const listed = c.lists(b.peerId)
    for await (const event of c.dht.getClosestPeers(b.peerId.toMultihash().bytes)) void event
    await listed
  })
})
