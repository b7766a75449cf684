import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { describe, it, mock } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { createObserver } from '#node/discovery/observer.ts'
import { RUNGS } from '#node/judgement/ladder.ts'
import { systemClock } from '#node/time/clock.ts'
import { SOON_MS } from '#test/node/peers.ts'
import { closedAddress, listenMute, listenUntilAllWait } from './odd-listeners.ts'
import { idOf, startNode, startPair, type TestNode } from './stock-node.ts'

function told(node: TestNode, name: string): number {
  return node.events.filter(({ event }) => event === name).length
}

describe('observer', () => {
  it('tells how a peer climbs, from the connection to the top rung', async () => {
    await using pair = await startPair()
    const { a, b } = pair
    await a.sighting(b.id, { dialBack: true })
    await a.sighted(b.id, null)
    // A peer may push a second identify at any time.
    const names = new Set(a.events.map(({ event }) => event))
    names.delete('sighting')
    assert.deepEqual([...names], ['connected', 'identified', 'listed', 'dialled-back'])
    const rungs = a.events.flatMap((one) => (one.event === 'sighting' ? [one.rung] : []))
    assert.deepEqual(
      rungs,
      rungs.toSorted((x, y) => RUNGS.indexOf(x) - RUNGS.indexOf(y)),
    )
    assert.equal(rungs.at(-1), 'dialable')
  })

  it('leaves connections, table and the other side in peace when it dials back', async () => {
    await using pair = await startPair()
    const { a, b } = pair
    const before = a.libp2p.getConnections(b.peerId).map(({ id }) => id)
    const closed = Promise.all([a.closing(), b.closing()])
    const { dialable } = await a.sighting(b.id, { dialBack: true })
    assert.equal(dialable, true)
    await closed
    assert.deepEqual(
      a.libp2p.getConnections(b.peerId).map(({ id }) => id),
      before,
    )
    for (const node of [a, b]) {
      assert.equal(told(node, 'connected'), 1)
      assert.equal(told(node, 'closed'), 0)
      assert.equal(told(node, 'listed'), 1)
      assert.equal(told(node, 'unlisted'), 0)
      assert.equal(told(node, 'identify-failed'), 0)
    }
  })

  it('dials back once for each address, until the connection ends', async () => {
    await using pair = await startPair()
    const { a, b } = pair
    await a.sighting(b.id, { dialBack: true })
    await a.sighting(b.id, { dialBack: true })
    assert.equal(told(a, 'dialled-back'), 1)
    await b.libp2p.hangUp(a.peerId)
    await a.event(({ event }) => event === 'closed')
    await a.sighting(b.id, { dialBack: true })
    assert.equal(told(a, 'dialled-back'), 2)
    assert.equal(told(a, 'connected'), 1)
  })

  it('tries all addresses of a peer at once, and tells of them in the order in which it keeps them', async () => {
    await using listeners = await listenUntilAllWait(20)
    const addresses = { listen: ['/ip4/127.0.0.1/tcp/0'], appendAnnounce: listeners.addresses }
    await using pair = await startPair(
      { observer: { dialTimeoutMs: SOON_MS } },
      { host: { addresses } },
    )
    const { a, b } = pair
    const { dialable, evidence } = await a.sighting(b.id, { dialBack: true })
    assert.equal(dialable, true)
    const dials = evidence?.dials ?? []
    const { addresses: stored } = await a.libp2p.peerStore.get(b.peerId)
    assert.deepEqual(
      dials.map(({ address }) => address),
      stored.map(({ multiaddr: one }) => one.toString()),
    )
    const dead = dials.filter(({ ok }) => !ok).map(({ kind }) => kind)
    assert.deepEqual(dead, Array(20).fill('denied'))
  })

  it('gives a dial-back up with its caller', async () => {
    await using mute = await listenMute()
    await using a = await startNode()
    const dial = a.observer.dial(mute.address, { signal: AbortSignal.abort() })
    await assert.rejects(dial, { name: 'AbortError' })
  })

  it('dials a single address without a peer id and says who it is not', async () => {
    await using a = await startNode()
    await using b = await startNode()
    assert.partialDeepStrictEqual(await a.observer.dial(b.bareAddress()), { ok: true, kind: null })
    assert.partialDeepStrictEqual(await a.observer.dial(a.bareAddress()), { kind: 'own-address' })
    assert.partialDeepStrictEqual(
      await a.observer.dial(`${b.bareAddress()}/p2p/${await idOf(99)}`),
      { ok: false, kind: 'wrong-peer-id' },
    )
    const hash = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
    assert.partialDeepStrictEqual(await a.observer.dial(`${b.bareAddress()}/p2p/${hash}`), {
      ok: false,
      kind: 'wrong-peer-id',
    })
    assert.equal(told(a, 'dial-failed'), 0)
  })

  it('takes no connection of another dial for its own', async () => {
    await using a = await startNode()
    await using b = await startNode()
    const [connection, outcome] = await Promise.all([
      a.libp2p.dial(b.address()),
      a.observer.dial(b.address().toString()),
    ])
    assert.equal(outcome.ok, true)
    assert.equal(connection.status, 'open')
  })

  it('tells a dial that keeps failing once', async () => {
    await using a = await startNode()
    const address = multiaddr(`${await closedAddress()}/p2p/${await idOf(99)}`)
    await assert.rejects(a.libp2p.dial(address))
    await assert.rejects(a.libp2p.dial(address))
    assert.equal(told(a, 'dial-failed'), 1)
  })

  it('asks a peer anew that was connected before it began', async () => {
    // B pushes nothing, which would be an answer to a question that was not asked.
    await using pair = await startPair({}, { without: ['identifyPush'] })
    const { a } = pair
    const late = new EventEmitter()
    await using observer = createObserver(
      {
        peer: { libp2p: a.libp2p, dht: a.dht, config: { addressScope: 'any' } },
        clock: systemClock,
        log: { warn: () => {}, info: () => {}, debug: () => {} },
        emit: ({ event }) => late.emit(event),
      },
      { settleMs: 50 },
    )
    observer.start()
    await once(late, 'identified', { signal: AbortSignal.timeout(SOON_MS) })
    const [sighting] = await observer.sightings()
    assert.equal(sighting?.cause, 'NOT_DIALLED_BACK')
  })

  it('puts libp2p back as it was when it stops, and may be stopped twice', async () => {
    await using a = await startNode()
    await using b = await startNode()
    await a.observer.stop()
    await a.observer.stop()
    const before = a.events.length
    const { services } = a.libp2p as unknown as { services: Record<string, object> }
    assert.deepEqual(
      ['identify', 'ping'].filter((name) => Object.hasOwn(services[name] ?? {}, name)),
      [],
    )
    await b.libp2p.dial(a.address())
    await b.event(({ event }) => event === 'listed')
    assert.equal(a.events.length, before)
  })

  it('does not look again at listed peers because an answer names them', async () => {
    await using pair = await startPair(
      { observer: { settleMs: 3_600_000 } },
      { without: ['identifyPush'] },
    )
    const { a, b } = pair
    const lookUp = mock.method(a.libp2p.peerStore, 'get')
    for (let named = 0; named < 20; named += 1) await a.relist(b.peerId)
    assert.equal(lookUp.mock.callCount(), 0)
  })

  it('knows nothing of itself', async () => {
    await using pair = await startPair()
    const { a, b } = pair
    await Array.fromAsync(b.dht.getClosestPeers(b.peerId.toMultihash().bytes))
    assert.deepEqual(
      (await b.observer.sightings({ targets: [b.id] })).map(({ peerId }) => peerId),
      [a.id],
    )
    assert.equal(
      b.events.some((one) => one.event === 'sighting' && one.peer === b.id),
      false,
    )
  })

  it('warns once of a peer that is connected and not listed', async () => {
    await using a = await startNode({ scope: 'public' })
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    const pattern = /^…\w{8} is not listed here: every address that …\w{8} announces/
    const warning = await a.warning(pattern)
    assert.match(warning, /ADDRESS_SCOPE=any/)
  })
})
