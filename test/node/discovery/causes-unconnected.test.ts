import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { closedAddress, listenAndClose, listenInGibberish, listenMute } from './odd-listeners.ts'
import { tcpWithoutRoute } from './odd-transports.ts'
import { idOf, keyOf, startNode, type TestNode } from './stock-node.ts'

const STRANGER = await idOf(99)

/** Dials a stranger at `address`, in vain. */
async function dialStranger(node: TestNode, address: string): Promise<void> {
  await assert.rejects(node.libp2p.dial(multiaddr(`${address}/p2p/${STRANGER}`)))
}

describe('causes on the rung unknown', () => {
  it('NOT_JOINED for a peer of which nothing was heard by a node that nobody is connected to', async () => {
    await using a = await startNode()
    const sighting = await a.sighting(STRANGER)
    assert.equal(sighting.cause, 'NOT_JOINED')
    assert.equal(sighting.connected, false)
    assert.equal(sighting.dialable, null)
  })

  it('NOT_TOLD for a peer of which nobody spoke to a node that is connected to others', async () => {
    await using a = await startNode()
    await using b = await startNode()
    await a.libp2p.dial(b.address())
    assert.equal((await a.sighting(STRANGER)).cause, 'NOT_TOLD')
  })

  it('DIAL_REFUSED where nothing listens, with the address as evidence', async () => {
    await using a = await startNode()
    const address = await closedAddress()
    await dialStranger(a, address)
    const { evidence, remedy } = await a.sighted(STRANGER, 'DIAL_REFUSED')
    assert.equal(evidence?.dials?.[0]?.address, address)
    assert.match(remedy?.text ?? '', new RegExp(address))
    const failed = a.events.find(({ event }) => event === 'dial-failed')
    assert.partialDeepStrictEqual(failed, { peer: STRANGER, address, kind: 'refused' })
  })

  it('DIAL_TIMED_OUT where nobody answers', async () => {
    await using mute = await listenMute()
    await using a = await startNode({ host: { connectionManager: { addressDialTimeout: 100 } } })
    await dialStranger(a, mute.address)
    assert.equal((await a.sighted(STRANGER, 'DIAL_TIMED_OUT')).remedy?.on, 'network')
  })

  it('DIAL_NO_ROUTE where no route leads there', async () => {
    await using a = await startNode({ host: { transports: [tcpWithoutRoute()] } })
    await dialStranger(a, '/ip4/127.0.0.1/tcp/1')
    await a.sighted(STRANGER, 'DIAL_NO_ROUTE')
  })

  it('DIAL_OWN_ADDRESS where the address leads back to the observer', async () => {
    await using a = await startNode()
    await dialStranger(a, a.bareAddress())
    await a.sighted(STRANGER, 'DIAL_OWN_ADDRESS')
  })

  it('WRONG_PEER_ID where another peer answers, and the remedy names that one', async () => {
    await using a = await startNode()
    await using other = await startNode()
    await dialStranger(a, other.bareAddress())
    const { remedy } = await a.sighted(STRANGER, 'WRONG_PEER_ID')
    assert.equal(remedy?.set, `BOOTSTRAP=${other.bareAddress()}/p2p/${other.id}`)
  })

  it('DIAL_FAILED where what answers is no libp2p peer', async () => {
    await using gibberish = await listenInGibberish()
    await using a = await startNode()
    await dialStranger(a, gibberish.address)
    await a.sighted(STRANGER, 'DIAL_FAILED')
  })

  it('CONNECTION_DENIED at the dialler where the other side ends the connection unsecured', async () => {
    await using full = await startNode({
      host: { connectionManager: { deny: ['/ip4/127.0.0.1/ipcidr/32'] } },
    })
    await using a = await startNode()
    await assert.rejects(a.libp2p.dial(full.address()))
    await a.sighted(full.id, 'CONNECTION_DENIED')
    await full.event(({ event }) => event === 'denied')
  })

  it('CONNECTION_DENIED at the side that denies, for a peer whose host it knows', async () => {
    await using a = await startNode({ host: { connectionManager: { maxConnections: 1 } } })
    // A push that is worked off late would make A dial it and list it again.
    await using b = await startNode({ without: ['identifyPush'] })
    await using c = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'NOT_DIALLED_BACK')
    await b.libp2p.hangUp(a.peerId)
    await a.event(({ event }) => event === 'closed')
    await a.unlist(b.peerId)
    await c.libp2p.dial(a.address())
    await assert.rejects(b.libp2p.dial(a.address()))
    const { evidence } = await a.sighted(b.id, 'CONNECTION_DENIED')
    assert.match(evidence?.error ?? '', /1 connections already/)
  })

  it('CONNECTION_LOST where a connection ended and nobody dialled since', async () => {
    await using a = await startNode({ scope: 'public' })
    const b = await startNode({ privateKey: await keyOf(98) })
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'ONLY_PRIVATE_ADDRESSES')
    await b[Symbol.asyncDispose]()
    const { connected, announced } = await a.sighted(b.id, 'CONNECTION_LOST')
    assert.equal(connected, false)
    assert.equal(announced?.length, 1)
  })

  it('tells a dial that failed before any transport was asked', async () => {
    await using a = await startNode()
    a.observer.dialled(`/dns4/nobody/tcp/1/p2p/${STRANGER}`, new Error('getaddrinfo ENOTFOUND'))
    await a.sighted(STRANGER, 'NAME_NOT_RESOLVED')
  })

  it('does not take a dial that was given up for one that timed out', async () => {
    await using mute = await listenMute()
    await using a = await startNode()
    const giveUp = new AbortController()
    const dial = a.libp2p.dial(multiaddr(`${mute.address}/p2p/${STRANGER}`), {
      signal: giveUp.signal,
    })
    giveUp.abort()
    await assert.rejects(dial)
    assert.equal((await a.sighting(STRANGER)).cause, 'NOT_JOINED')
  })

  it('forgets failed dials when the peer connects', async () => {
    await using closer = await listenAndClose()
    await using a = await startNode({ scope: 'public' })
    await using b = await startNode()
    await assert.rejects(a.libp2p.dial(multiaddr(`${closer.address}/p2p/${b.id}`)))
    await a.sighted(b.id, 'CONNECTION_DENIED')
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'ONLY_PRIVATE_ADDRESSES')
    await b.libp2p.hangUp(a.peerId)
    const { evidence } = await a.sighted(b.id, 'CONNECTION_LOST')
    assert.equal(evidence?.dials, undefined)
  })
})
