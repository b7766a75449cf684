import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Peer } from '#node/peer/peer.ts'
import { MemoryNetwork, type Place } from '#test/node/memory-network.ts'
import { isListed, lists, startPeer, unlists } from '#test/node/peers.ts'

const A = { address: '11.0.0.1' }

/** A peer that lists so many of one network, what it refuses, and others that join it one after the other. */
async function startObserver(env: Record<string, string>) {
  const network = new MemoryNetwork()
  const stack = new AsyncDisposableStack()
  const a = stack.use(await startPeer(network, A, { ADDRESS_SCOPE: 'any', ...env }))
  const refused: string[] = []
  let refusal = Promise.withResolvers<void>()
  a.refusals.onRefused((what) => {
    refused.push(what)
    refusal.resolve()
  })
  let port = 3000
  const start = async (place: Place): Promise<Peer> =>
    stack.use(
      await startPeer(network, place, {
        ADDRESS_SCOPE: 'any',
        LISTEN_PORT: String((port += 1)),
        BOOTSTRAP: `/ip4/11.0.0.1/tcp/3000/p2p/${a.peerId.toString()}`,
      }),
    )
  return {
    a,
    refused,
    joins: async (place: Place): Promise<Peer> => {
      const peer = await start(place)
      await lists(a, peer.peerId)
      return peer
    },
    isRefused: async (place: Place): Promise<Peer> => {
      refusal = Promise.withResolvers()
      const peer = await start(place)
      await refusal.promise
      assert.equal(await isListed(a, peer.peerId), false)
      return peer
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

describe('places in the routing table', () => {
  it('are left to other networks, however many peers one network has', async () => {
    await using observer = await startObserver({ MAX_LISTED_PER_NETWORK: '2' })
    const { a, joins, isRefused, refused } = observer
    const first = await joins({ address: '11.0.7.1' })
    await joins({ address: '11.0.7.2' })
    const third = await isRefused({ address: '11.0.7.3' })
    assert.deepEqual(a.shares.fullFor(third.peerId), { from: '11.0.7.0/24', peers: 2, most: 2 })
    assert.ok(refused.every((what) => what === 'table-place'))
    await joins({ address: '11.0.8.1' })
    assert.equal(a.shares.fullFor(first.peerId), null, 'it is listed')

    const gone = unlists(a, first.peerId)
    await a.dht.routingTable.remove(first.peerId)
    await gone
    assert.equal(a.shares.fullFor(third.peerId), null)
  })

  it('are left to other hosts, however many peers one host has', async () => {
    await using observer = await startObserver({ MAX_LISTED_PER_NETWORK: '4' })
    const { a, joins, isRefused } = observer
    await joins({ address: '10.0.0.1', publicAddress: '11.0.7.1' })
    await joins({ address: '10.0.0.2', publicAddress: '11.0.7.1' })
    const third = await isRefused({ address: '10.0.0.3', publicAddress: '11.0.7.1' })
    assert.deepEqual(a.shares.fullFor(third.peerId), { from: '11.0.7.1', peers: 2, most: 2 })
  })

  it('are not bounded for private addresses', async () => {
    await using observer = await startObserver({ MAX_LISTED_PER_NETWORK: '2' })
    for (let host = 1; host <= 4; host += 1) await observer.joins({ address: `10.0.0.${host}` })
    assert.deepEqual(observer.refused, [])
  })
})
