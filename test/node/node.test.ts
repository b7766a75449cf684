import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { peerIdFromString } from '@libp2p/peer-id'
import { base36 } from 'multiformats/bases/base36'
import type { NodeEvent } from '#node/events/node-event.ts'
import { addressOf, createLoopbackNode } from '#test/node/loopback-node.ts'
import { eventOf, listEachOther } from '#test/support/node-events.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a node', () => {
  it('joins, lists and is listed, stores and reads, and says so', async () => {
    await using a = await createLoopbackNode(1)
    await a.start()
    await using b = await createLoopbackNode(2, { BOOTSTRAP: await addressOf(a) })
    const before = await b.api.status()
    assert.equal(before.ready, false)
    assert.match(before.waitingFor.join(), /listen/)
    await b.start()
    await Promise.all([listEachOther(a, b), eventOf(b, 'ready')])

    const status = await b.api.status()
    assert.deepEqual(
      [status.peerId, status.mode, status.protocol, status.scope, status.listed, status.joined],
      [b.peerId, 'server', '/ipfs/kad/1.0.0', 'any', 1, true],
    )
    assert.deepEqual([status.ready, status.waitingFor], [true, []])
    assert.match(status.listening.join(), /^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/)
    assert.deepEqual(status.announced, status.listening)
    assert.ok(status.residentBytes > 1_000_000)

    assert.equal((await b.api.put('x', utf8('v'))).copies, 1)
    const stored = await eventOf(a, 'stored')
    assert.deepEqual([stored.key, stored.from], ['x', b.peerId])
    assert.equal((await eventOf(b, 'stored')).from, null)
    const got = await a.api.get('x')
    assert.deepEqual(Buffer.from(got?.value ?? []), Buffer.from('v'))
    assert.equal((await a.api.provide('x')).told, 1)
    const held = { keys: [{ key: 'x', valueBytes: 1 }], next: null }
    assert.deepEqual([await a.api.list(), await b.api.list({ limit: 1 })], [held, held])
    for (const limit of [0, 501, 1.5]) {
      await assert.rejects(a.api.list({ limit }), { name: 'BadRequestError', message: /1 to 500/ })
    }

    const [view] = await a.api.peers()
    assert.deepEqual(
      [view?.peerId, view?.connected, view?.listed, view?.addresses, view?.agent],
      [b.peerId, true, true, status.listening, status.agent],
    )
    const [sighting] = await a.api.discovery({ dialBack: true })
    assert.deepEqual([sighting?.peerId, sighting?.rung], [b.peerId, 'dialable'])

    // A peer id in the spelling of a CID is the same peer.
    const spelled = peerIdFromString(b.peerId).toCID().toString(base36)
    const found = await a.api.discovery({ targets: [spelled] })
    assert.deepEqual(
      found.map(({ peerId, rung }) => [peerId, rung]),
      [[b.peerId, 'dialable']],
    )
    const bare = (await addressOf(b)).replace(/\/p2p\/.*/, '')
    const dialled = await a.api.dial(`${bare}/p2p/${spelled}`)
    assert.equal(dialled.ok, true, JSON.stringify(dialled))
    await a.api.ping(spelled)
  })

  it('dials an address, and answers in what way it failed', async () => {
    await using a = await createLoopbackNode(1)
    await using b = await createLoopbackNode(2)
    await a.start()
    await b.start()
    const address = await addressOf(a)
    assert.equal((await b.api.dial(address)).ok, true)
    const refused = await b.api.dial(`/ip4/127.0.0.1/tcp/1/p2p/${a.peerId}`)
    assert.deepEqual([refused.ok, refused.kind], [false, 'refused'])
    await assert.rejects(b.api.dial('127.0.0.1:3000'), { name: 'BadRequestError' })
    await assert.rejects(b.api.discovery({ targets: ['xyz'] }), {
      name: 'BadRequestError',
      message: /peer id.*xyz/,
    })
  })

  it('says what it waits for while its bootstrap peer is not there', async () => {
    await using b = await createLoopbackNode(2, { BOOTSTRAP: '/ip4/127.0.0.1/tcp/1' })
    await b.start()
    await eventOf(b, 'dial-failed')
    const { ready, joined, waitingFor } = await b.api.status()
    assert.deepEqual([ready, joined], [false, false])
    assert.match(waitingFor.join(), /\/ip4\/127\.0\.0\.1\/tcp\/1/)
    await assert.rejects(b.api.put('x', utf8('v')), { name: 'StoreError' })
    assert.equal(await b.api.get('y'), null)
  })

  it('deletes, and refuses to do so under a key that is none', async () => {
    await using a = await createLoopbackNode(1)
    await a.start()
    await a.api.put('x', utf8('v'), { replicas: 0 })
    await a.api.delete('x', { replicas: 0 })
    assert.equal(await a.api.get('x'), null)
    assert.deepEqual((await a.api.list()).keys, [])
    await assert.rejects(a.api.delete(''), { name: 'InvalidKeyError' })
  })

  it('tells its life in order, and ends its event streams when it stops, twice too', async () => {
    const a = await createLoopbackNode(1)
    const seen: NodeEvent[] = []
    const events = a.api.events()
    await a.start()
    await a.stop({ why: 'the test is over' })
    await a.stop()
    for await (const event of events) seen.push(event)
    assert.deepEqual(
      seen.map(({ event }) => event),
      ['start', 'mode', 'listening', 'announcing', 'ready', 'stopping'],
    )
    assert.deepEqual(
      seen.map(({ seq }) => seq),
      [1, 2, 3, 4, 5, 6],
    )
    const last = seen.at(-1)
    assert.equal(last?.event === 'stopping' && last.why, 'the test is over')
  })

  it('leaves nothing running when it cannot listen', async () => {
    await using a = await createLoopbackNode(1)
    await a.start()
    const { listening } = await a.api.status()
    await using b = await createLoopbackNode(2, { LISTEN: listening[0] ?? '' })
    await assert.rejects(b.start(), { name: 'PeerStartError' })
    assert.equal((await eventOf(b, 'stopping')).why, 'it could not start')
  })
})
