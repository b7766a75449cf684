import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLog, silentLog } from '#node/base/log.ts'
import { createJoin, type Join } from '#node/peer/join.ts'
import { systemClock } from '#node/time/clock.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { createFakeLibp2p, type FakeLibp2p, newPeerId } from '../fake-libp2p.ts'
import { MemoryNetwork } from '../memory-network.ts'
import { addressOf, connects, lists, startPeer } from '../peers.ts'

const BOOTSTRAP = '/ip4/11.0.0.1/tcp/3000'

interface Bench extends FakeLibp2p {
  clock: ManualClock
  join: Join
  /** Each joining: false for the first, true for a later one. */
  joinings: boolean[]
}

async function bench(bootstrap: string[] = [BOOTSTRAP]): Promise<Bench> {
  const fake = await createFakeLibp2p()
  const clock = new ManualClock()
  const joinings: boolean[] = []
  const join = createJoin(
    {
      libp2p: fake.libp2p,
      clock,
      random: () => 0.999,
      log: silentLog,
      onJoined: ({ again }) => joinings.push(again),
    },
    { bootstrap, retryMaxMs: 5000 },
  )
  return { ...fake, clock, join, joinings }
}

describe('createJoin', () => {
  it('dials at once, without a first timer', async () => {
    const { join, clock, dialled } = await bench()
    join.start()
    await clock.advance(0)
    assert.deepEqual(dialled, [BOOTSTRAP])
    await join.stop()
  })

  it('dials a peer that is not up yet until it is, at most 5 s apart', async () => {
    const { join, clock, dialled, answer, joinings } = await bench()
    join.start()
    await clock.advance(600_000)
    assert.equal(join.joined, false)
    // 50 ms, doubling to 5 s, and then on.
    assert.ok(dialled.length > 120 && dialled.length < 140, `${dialled.length} dials`)
    answer({ peer: await newPeerId() })
    await clock.advance(5000)
    assert.equal(join.joined, true)
    assert.deepEqual(joinings, [false])
    await join.stop()
  })

  it('dials where others say that the peer is too, once its own address has failed', async () => {
    const peer = (await newPeerId()).toString()
    const own = `${BOOTSTRAP}/p2p/${peer}`
    const { join, clock, dialled, name } = await bench([own])
    name(peer, '/ip4/11.0.0.1/tcp/4001')
    join.start()
    await clock.advance(60)
    assert.deepEqual(dialled, [own, `${own},/ip4/11.0.0.1/tcp/4001/p2p/${peer}`])
    await join.stop()
  })

  it('dials again as soon as the connection ends, and says that it joined again', async () => {
    const { join, clock, dialled, answer, disconnect, joinings } = await bench()
    const peer = await newPeerId()
    answer({ peer })
    join.start()
    await clock.advance(60_000)
    assert.equal(dialled.length, 1)
    disconnect(peer)
    assert.equal(join.joined, false)
    await clock.advance(50)
    assert.equal(join.joined, true)
    assert.deepEqual(joinings, [false, true])
    await join.stop()
  })

  it('does not hammer a peer that drops every connection', async () => {
    const { join, clock, dialled, answer, disconnect } = await bench()
    const peer = await newPeerId()
    answer({ peer })
    join.start()
    for (let second = 0; second < 60; second += 1) {
      await clock.advance(1000)
      disconnect(peer)
    }
    assert.ok(dialled.length < 25, `${dialled.length} dials in a minute`)
    await join.stop()
  })

  it('leaves its own address alone, and counts as joined where there is no other', async () => {
    const { join, clock, dialled, answer } = await bench()
    answer({ error: Object.assign(new Error('Can not dial self'), { name: 'InvalidPeerIdError' }) })
    assert.equal(join.joined, false)
    join.start()
    await clock.advance(60_000)
    assert.equal(dialled.length, 1)
    assert.equal(join.joined, true)
    assert.equal(join.bootstrapPeers()[0]?.state, 'own-address')
    await join.stop()
  })

  it('tells how each address stands', async () => {
    const peer = await newPeerId()
    const address = `${BOOTSTRAP}/p2p/${peer.toString()}`
    const { join, clock, answer } = await bench([address])
    join.start()
    await clock.advance(60)
    assert.deepEqual(join.bootstrapPeers(), [
      {
        address,
        peerId: peer.toString(),
        state: 'waiting',
        failures: 2,
        lastError: 'connect ECONNREFUSED',
      },
    ])
    answer({ peer })
    await clock.advance(200)
    assert.equal(join.bootstrapPeers()[0]?.state, 'connected')
    await join.stop()
  })

  it('leaves no timer when it is stopped, twice too', async () => {
    const { join, clock } = await bench()
    join.start()
    await clock.advance(1000)
    await Promise.all([join.stop(), join.stop()])
    assert.equal(clock.pending(), 0)
  })
})

describe('a peer with BOOTSTRAP', () => {
  const A = { address: '11.0.0.1' }
  const B = { address: '11.0.0.2' }
  const seed = { IDENTITY_SEED: 'a1'.repeat(32) }

  it('joins a bootstrap peer that starts later', async () => {
    const network = new MemoryNetwork()
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await b.libp2p.dial(b.libp2p.getMultiaddrs()).catch(() => {})
    await using a = await startPeer(network, A, seed)
    await lists(a, b.peerId)
  })

  it('is listed again by a bootstrap peer that restarts right after it joined', async () => {
    const network = new MemoryNetwork()
    await using first = await startPeer(network, A, seed)
    const bootstrap = `${addressOf(A)}/p2p/${first.peerId.toString()}`
    await using b = await startPeer(network, B, { BOOTSTRAP: bootstrap })
    await lists(first, b.peerId)
    await first.stop()
    await using second = await startPeer(network, A, seed)
    await lists(second, b.peerId)
  })

  it('joins another peer that has taken the place of one whose address names nobody', async () => {
    const network = new MemoryNetwork()
    await using first = await startPeer(network, A)
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await connects(b, first.peerId)
    await first.stop()
    await using second = await startPeer(network, A)
    await lists(second, b.peerId)
  })

  it('lists a bootstrap peer that had connected first, at the address it is configured with', async () => {
    const network = new MemoryNetwork()
    const left = { address: '10.0.0.4', publicAddress: '11.0.0.11' }
    const right = { address: '10.1.0.4', publicAddress: '11.0.0.12' }
    await using a = await startPeer(network, left, seed)
    await using b = await startPeer(network, right, { BOOTSTRAP: addressOf(left) })
    await lists(b, a.peerId)
    // What A would be configured with, had B's identity been known before.
    const named = `${addressOf(right)}/p2p/${b.peerId.toString()}`
    await using join = createJoin(
      { libp2p: a.libp2p, clock: systemClock, random: Math.random, log: silentLog },
      { bootstrap: [named], retryMaxMs: 5000 },
    )
    join.start()
    await lists(a, b.peerId)
  })

  it('may be its own bootstrap peer, named or not', async () => {
    const network = new MemoryNetwork()
    const noticed = Promise.withResolvers<void>()
    const write = (line: string): void => {
      if (line.includes('a bootstrap address is this node itself')) noticed.resolve()
    }
    const log = createLog({ level: 'info', format: 'json', write })
    await using unnamed = await startPeer(network, A, { ...seed, BOOTSTRAP: addressOf(A) }, { log })
    await noticed.promise
    assert.equal(unnamed.join.joined, true)

    const own = `${addressOf(B)}/p2p/${unnamed.peerId.toString()}`
    await using named = await startPeer(network, B, { ...seed, BOOTSTRAP: own })
    assert.equal(named.join.joined, true)
    assert.equal(named.join.bootstrapPeers()[0]?.state, 'own-address')
  })
})
