import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Address, PeerId } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { persistentPeerStore } from '@libp2p/peer-store'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { TypedEventEmitter } from 'main-event'
import { boundAddresses, MAX_ADDRESSES } from '#node/patches/bounded-addresses.ts'
import { newPeerId } from '../fake-libp2p.ts'

const tcp = (port: number): Multiaddr => multiaddr(`/ip4/11.0.0.9/tcp/${port}`)
const quic = (port: number): Multiaddr => multiaddr(`/ip4/11.0.0.9/udp/${port}/quic-v1`)
const many = (count: number, make: (port: number) => Multiaddr, from = 1): Multiaddr[] =>
  Array.from({ length: count }, (_, at) => make(from + at))
const announced = (multiaddrs: Multiaddr[]): Address[] =>
  multiaddrs.map((each) => ({ multiaddr: each, isCertified: true }))

/** libp2p's own peer store, bounded. */
async function boundStore() {
  const own = await newPeerId()
  const peerStore = persistentPeerStore({
    peerId: own,
    datastore: new MemoryDatastore(),
    events: new TypedEventEmitter(),
    logger: defaultLogger(),
  })
  const refused: string[] = []
  const unbound = boundAddresses(
    { peerId: own, peerStore },
    { onRefused: (peer) => refused.push(peer.toString()) },
  )
  const stored = async (peer: PeerId): Promise<string[]> =>
    (await peerStore.get(peer)).addresses.map((each) => each.multiaddr.toString())
  return { own, peerStore, refused, unbound, stored, peer: await newPeerId() }
}

describe('boundAddresses', () => {
  it('keeps the first of many that a peer announces, those that can be dialled before others', async () => {
    const { peerStore, peer, stored, refused } = await boundStore()
    await peerStore.patch(peer, { addresses: announced([...many(100, quic), ...many(20, tcp)]) })
    const kept = await stored(peer)
    assert.equal(kept.length, MAX_ADDRESSES)
    for (const address of many(20, tcp)) assert.ok(kept.includes(address.toString()))
    assert.deepEqual(refused, [peer.toString()])
  })

  it('keeps all of as many as a peer may have', async () => {
    const { peerStore, peer, stored, refused } = await boundStore()
    await peerStore.patch(peer, { addresses: announced(many(MAX_ADDRESSES, tcp)) })
    assert.equal((await stored(peer)).length, MAX_ADDRESSES)
    assert.deepEqual(refused, [])
  })

  it('keeps the newest of those that are named one after the other', async () => {
    const { peerStore, peer, stored } = await boundStore()
    for (const address of many(MAX_ADDRESSES + 8, tcp)) {
      await peerStore.merge(peer, { multiaddrs: [address] })
      assert.ok((await stored(peer)).includes(address.toString()))
    }
    assert.equal((await stored(peer)).length, MAX_ADDRESSES)
    await peerStore.merge(peer, { multiaddrs: many(500, tcp, 1000) })
    assert.equal((await stored(peer)).length, MAX_ADDRESSES)
  })

  it('leaves the own addresses alone, and everything once it is taken off', async () => {
    const { own, peerStore, peer, stored, unbound } = await boundStore()
    await peerStore.patch(own, { addresses: announced(many(100, tcp)) })
    assert.equal((await stored(own)).length, 100)
    unbound()
    await peerStore.patch(peer, { addresses: announced(many(100, tcp)) })
    assert.equal((await stored(peer)).length, 100)
  })
})
