import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { silentLog } from '#node/base/log.ts'
import type { KadDHT } from '#node/patches/kad.ts'
import { FORGET_AFTER_MS, type ForgetComponents, forgetStrangers } from '#node/peer/forget.ts'
import type { Peer } from '#node/peer/peer.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { newPeerId } from '../fake-libp2p.ts'
import { MemoryNetwork } from '../memory-network.ts'
import { addressOf, lists, startPeer } from '../peers.ts'

const A = { address: '10.0.0.4', publicAddress: '11.0.0.11' }
const B = { address: '10.1.0.4', publicAddress: '11.0.0.12' }
const SOMEWHERE = multiaddr('/ip4/11.0.0.99/tcp/3000')

async function knows({ libp2p }: Peer, peer: PeerId): Promise<boolean> {
  return libp2p.peerStore.has(peer)
}

/** Lets so many looks for strangers pass, each to its end. */
async function look(clock: ManualClock, times = 1): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    await clock.advance(FORGET_AFTER_MS)
    while (clock.pending() === 0) await setImmediate()
  }
}

/** A peer that has heard of another one, and its clock for forgetting. */
async function bench() {
  const network = new MemoryNetwork()
  const peer = await startPeer(network, A, { PUBLIC_IP: A.publicAddress })
  const stranger = await newPeerId()
  await peer.libp2p.peerStore.merge(stranger, { multiaddrs: [SOMEWHERE] })
  const clock = new ManualClock()
  const forget = forgetStrangers({ libp2p: peer.libp2p, dht: peer.dht, clock, log: silentLog })
  forget.start()
  return { network, peer, stranger, clock, forget }
}

describe('forgetStrangers', () => {
  it('forgets a peer of whom nothing was heard for long, and not before', async () => {
    const { peer, stranger, clock, forget } = await bench()
    await using _ = peer
    await look(clock)
    assert.equal(await knows(peer, stranger), true)
    await look(clock)
    await forget.stop()
    assert.equal(await knows(peer, stranger), false)
    assert.equal(await knows(peer, peer.peerId), true)
  })

  it('keeps a peer as long as there is news of it', async () => {
    const { peer, stranger, clock, forget } = await bench()
    await using _ = peer
    await look(clock)
    await peer.libp2p.peerStore.merge(stranger, {
      multiaddrs: [multiaddr('/ip4/11.0.0.98/tcp/3000')],
    })
    await look(clock)
    assert.equal(await knows(peer, stranger), true)
    await look(clock)
    await forget.stop()
    assert.equal(await knows(peer, stranger), false)
  })

  it('keeps whom it is connected to, and whom it lists', async () => {
    const { network, peer, clock, forget } = await bench()
    await using _ = peer
    await using other = await startPeer(network, B, {
      PUBLIC_IP: B.publicAddress,
      BOOTSTRAP: addressOf(A),
    })
    await lists(peer, other.peerId)
    await look(clock, 3)
    assert.equal(await knows(peer, other.peerId), true)
    await peer.libp2p.hangUp(other.peerId)
    await look(clock, 3)
    await forget.stop()
    assert.equal(await knows(peer, other.peerId), true)
  })

  it('keeps a client that is connected, which is listed nowhere', async () => {
    const [client, stranger] = [await newPeerId(), await newPeerId()]
    const deleted: PeerId[] = []
    const libp2p = Object.assign(new EventTarget(), {
      getConnections: (id: PeerId) => (id === client ? ['a connection'] : []),
      peerStore: {
        all: async () => [client, stranger].map((id) => ({ id })),
        delete: async (id: PeerId) => void deleted.push(id),
      },
    }) as unknown as ForgetComponents['libp2p']
    const dht = { routingTable: { kb: { toIterable: () => [] } } } as unknown as KadDHT
    const clock = new ManualClock()
    const forget = forgetStrangers({ libp2p, dht, clock, log: silentLog })
    forget.start()
    await look(clock, 2)
    await forget.stop()
    assert.deepEqual(deleted, [stranger])
  })

  it('stops, twice, and before it was started', async () => {
    const { peer, clock, forget } = await bench()
    await using _ = peer
    await forget.stop()
    await forget.stop()
    assert.equal(clock.pending(), 0)
    const { libp2p, dht } = peer
    await forgetStrangers({ libp2p, dht, clock, log: silentLog }).stop()
  })
})
