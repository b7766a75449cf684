import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { peerIdFromString } from '@libp2p/peer-id'
import { bucketOf, isListed, kadId, type KadDHT } from '#node/patches/kad.ts'
import { idOf } from '../discovery/stock-node.ts'

const PEER = await idOf(1)
const OTHER = await idOf(2)

type Node = { peers: object[] } | { left: Node; right: Node }

function leaf(peers: string[]): Node {
  return { peers: peers.map((peer) => ({ peerId: peerIdFromString(peer) })) }
}

/** A table in which each of the first bits of PEER's id leads to a bucket of its own. */
function tableAround(depth: number, contacts: string[]): KadDHT {
  const id = kadId(PEER)
  let root: Node = leaf(contacts)
  for (let bit = depth - 1; bit >= 0; bit--) {
    const isOne = ((id[bit >> 3] ?? 0) >> (7 - (bit & 7))) % 2 === 1
    root = isOne ? { left: leaf([]), right: root } : { left: root, right: leaf([]) }
  }
  const get = (wanted: Uint8Array) =>
    contacts
      .filter((peer) => Buffer.compare(kadId(peer), wanted) === 0)
      .map((peer) => ({ peerId: peerIdFromString(peer) }))[0]
  return { routingTable: { kBucketSize: 20, kb: { root, get } } } as unknown as KadDHT
}

describe('the observed table', () => {
  it('finds the bucket of a peer, as deep as the table is split', () => {
    for (const depth of [0, 1, 6, 12]) {
      const dht = tableAround(depth, [PEER, OTHER])
      assert.deepEqual(bucketOf(dht, PEER), { contacts: 2, capacity: 20 })
    }
  })

  it('lists by the hash of the peer id', () => {
    const dht = tableAround(3, [PEER])
    assert.equal(isListed(dht, PEER), true)
    assert.equal(isListed(dht, OTHER), false)
  })
})
