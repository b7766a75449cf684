import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Libp2p, PeerData, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { DialWatch } from '#node/patches/dial-watch.ts'
import { keepToldAddresses } from '#node/patches/keep-told.ts'
import { newPeerId } from '../fake-libp2p.ts'

const TOLD = '/ip4/11.0.0.11/tcp/3000'
const ANNOUNCED = '/ip4/10.0.0.4/tcp/3000'

type OnDial = Parameters<DialWatch['onDial']>[0]

/** A peer store that says what replaces the addresses of a peer. */
function createStore() {
  let stored: string[] = []
  const listeners = new Set<OnDial>()
  const peerStore = {
    merge: async (_peer: PeerId, _data: PeerData) => {},
    patch: async (_peer: PeerId, { addresses = [] }: PeerData) => {
      stored = addresses.map((each) => each.multiaddr.toString())
    },
  }
  const dials = {
    onDial: (listener: OnDial) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  } as unknown as DialWatch
  const kept = keepToldAddresses({ libp2p: { peerStore } as unknown as Libp2p, dials })
  return {
    stop: kept.stop,
    names: (peer: PeerId, address: string) =>
      peerStore.merge(peer, { multiaddrs: [multiaddr(address)] }),
    fails: (peer: PeerId, address: string) => {
      const error = new Error('refused')
      const report = { target: address, address, peerId: peer.toString(), durationMs: 1, error }
      for (const listener of listeners) listener(report)
    },
    /** What is stored after the peer was identified. */
    async identified(peer: PeerId): Promise<string[]> {
      await peerStore.patch(peer, {
        addresses: [{ multiaddr: multiaddr(ANNOUNCED), isCertified: true }],
      })
      return stored
    },
  }
}

describe('keepToldAddresses', () => {
  it('keeps what others named of a peer, however often it is identified', async () => {
    const [store, peer] = [createStore(), await newPeerId()]
    await store.names(peer, `${TOLD}/p2p/${peer.toString()}`)
    for (let time = 0; time < 2; time += 1) {
      assert.deepEqual(await store.identified(peer), [ANNOUNCED, TOLD])
    }
    assert.deepEqual(await store.identified(await newPeerId()), [ANNOUNCED], 'another peer')
  })

  it('forgets it once a dial to it has failed', async () => {
    const [store, peer] = [createStore(), await newPeerId()]
    await store.names(peer, TOLD)
    store.fails(peer, TOLD)
    assert.deepEqual(await store.identified(peer), [ANNOUNCED])
  })

  it('keeps the last four, whatever anybody names', async () => {
    const [store, peer] = [createStore(), await newPeerId()]
    for (let port = 1; port <= 100; port += 1) await store.names(peer, `/ip4/11.0.0.11/tcp/${port}`)
    const [, ...kept] = await store.identified(peer)
    assert.deepEqual(
      kept,
      [100, 99, 98, 97].map((port) => `/ip4/11.0.0.11/tcp/${port}`),
    )
  })

  it('leaves the store as it was once it is stopped', async () => {
    const [store, peer] = [createStore(), await newPeerId()]
    await store.names(peer, TOLD)
    store.stop()
    assert.deepEqual(await store.identified(peer), [ANNOUNCED])
  })
})
