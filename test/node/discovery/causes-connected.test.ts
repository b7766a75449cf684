import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { limitedTcp } from './odd-transports.ts'
import { startNode } from './stock-node.ts'

const KAD = '/ipfs/kad/1.0.0'

/** Speaks a protocol by name and never answers on it. */
async function silence(): Promise<void> {
  await new Promise(() => {})
}

describe('causes on the rung connected', () => {
  it('IDENTIFY_PENDING, which passes into IDENTIFY_FAILED where the peer never answers', async () => {
    await using a = await startNode({ identifyMs: 500 })
    await using b = await startNode({ without: ['identify'] })
    await b.libp2p.handle('/ipfs/id/1.0.0', silence)
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'IDENTIFY_PENDING')
    const { connected, announced } = await a.sighted(b.id, 'IDENTIFY_FAILED')
    assert.equal(connected, true)
    assert.equal(announced, null)
  })

  it('IDENTIFY_FAILED where the peer has no identify, and warns of it', async () => {
    await using a = await startNode()
    await using b = await startNode({ without: ['identify'] })
    await b.libp2p.dial(a.address())
    const { evidence } = await a.sighted(b.id, 'IDENTIFY_FAILED')
    assert.match(evidence?.error ?? '', /protocol/i)
    await a.event(({ event }) => event === 'identify-failed')
    await a.warning(/identify did not complete/)
  })
})

describe('causes on the rung identified', () => {
  it('CLIENT_MODE, with the setting that fixes it', async () => {
    await using a = await startNode()
    await using b = await startNode({
      kad: { clientMode: true },
      host: { nodeInfo: { userAgent: 'kadlab/1.2.3' } },
    })
    await b.libp2p.dial(a.address())
    const { rung, evidence, remedy } = await a.sighted(b.id, 'CLIENT_MODE')
    assert.equal(rung, 'identified')
    assert.equal(remedy?.set, 'KAD_MODE=server')
    assert.equal(evidence?.expectedProtocol, KAD)
    assert.ok(evidence?.protocols?.includes('/ipfs/ping/1.0.0'))
  })

  it('CLIENT_MODE even after the client has asked for something over Kademlia', async () => {
    await using a = await startNode()
    await using b = await startNode({ kad: { clientMode: true } })
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'CLIENT_MODE')
    await b.libp2p.dialProtocol(a.peerId, KAD)
    assert.equal((await a.sighting(b.id, { dialBack: true })).cause, 'CLIENT_MODE')
  })

  it('tells a node that is a client itself so, in the evidence and in the log', async () => {
    await using a = await startNode({ kad: { clientMode: true } })
    await using b = await startNode({ scope: 'any' })
    await b.libp2p.dial(a.address())
    const { evidence } = await a.sighted(b.id, 'NOT_DIALLED_BACK')
    assert.equal(evidence?.observerMode, 'client')
    await a.warning(/this node is a Kademlia client/)
    assert.equal((await b.sighted(a.id, 'CLIENT_MODE')).evidence?.observerMode, undefined)
  })

  it('warns nobody of a client that was told to be one', async () => {
    await using a = await startNode({ kad: { clientMode: true }, kadMode: 'client' })
    await using b = await startNode({ kadMode: 'client' })
    await b.libp2p.dial(a.address())
    await a.note(/this node is a Kademlia client: .*KAD_MODE=client/)
    await b.note(/is not listed here: .*Kademlia/)
    assert.deepEqual([...a.warnings, ...b.warnings], [])
    assert.equal(b.notes.length, 1, 'a server by its mode is no client')
  })

  it('PROTOCOL_MISMATCH, with the protocol to set', async () => {
    await using a = await startNode({ kad: { protocol: '/one/kad/1.0.0' } })
    await using b = await startNode({
      kad: { protocol: '/other/kad/1.0.0' },
      host: { nodeInfo: { userAgent: 'kadlab/1.2.3' } },
    })
    await b.libp2p.dial(a.address())
    const { remedy } = await a.sighted(b.id, 'PROTOCOL_MISMATCH')
    assert.equal(remedy?.set, 'KAD_PROTOCOL=/one/kad/1.0.0')
  })

  it('SERVER_MODE_NOT_PUSHED where the peer turned server later and told nobody', async () => {
    await using a = await startNode()
    await using b = await startNode({ kad: { clientMode: true }, without: ['identifyPush'] })
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'CLIENT_MODE')
    await b.dht.setMode('server')
    const { evidence } = await a.sighting(b.id, { dialBack: true })
    assert.ok(evidence?.protocols?.includes(KAD))
    await a.sighted(b.id, 'SERVER_MODE_NOT_PUSHED')
  })

  it('no cause where the peer turned server later and pushed it', async () => {
    await using a = await startNode()
    await using b = await startNode({ kad: { clientMode: true } })
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'CLIENT_MODE')
    // A push goes to those whose protocols are known.
    await b.event(({ event }) => event === 'identified')
    await b.dht.setMode('server')
    await a.sighted(b.id, 'NOT_DIALLED_BACK')
    assert.equal((await a.sighting(b.id, { dialBack: true })).cause, null)
  })

  it('LIMITED_CONNECTION where the only connection is limited as a relayed one is', async () => {
    await using a = await startNode({ host: { transports: [limitedTcp()] } })
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'LIMITED_CONNECTION')
  })
})

describe('causes on the rung addressable', () => {
  it('PENDING, which passes into PING_FAILED where the peer never answers the ping', async () => {
    await using a = await startNode({
      kad: { pingNewContactTimeout: { minTimeout: 300, maxTimeout: 300 } },
    })
    await using b = await startNode({ without: ['ping'] })
    await b.libp2p.handle('/ipfs/ping/1.0.0', silence)
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'PENDING')
    const { rung, evidence } = await a.sighted(b.id, 'PING_FAILED')
    assert.equal(rung, 'addressable')
    assert.notEqual(evidence?.error, undefined)
  })

  it('PING_UNSUPPORTED where the peer has no ping', async () => {
    await using a = await startNode()
    await using b = await startNode({ without: ['ping'] })
    await b.libp2p.dial(a.address())
    const { evidence } = await a.sighted(b.id, 'PING_UNSUPPORTED')
    assert.equal(evidence?.protocols?.includes('/ipfs/ping/1.0.0'), false)
  })

  it('BUCKET_FULL where the bucket is full of peers that answer', async () => {
    await using a = await startNode({ kad: { kBucketSize: 1, prefixLength: 0 } })
    await using b = await startNode()
    await using c = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'NOT_DIALLED_BACK')
    await c.libp2p.dial(a.address())
    const { evidence, remedy } = await a.sighted(c.id, 'BUCKET_FULL')
    assert.deepEqual(evidence?.bucket, { contacts: 1, capacity: 1 })
    assert.equal(remedy?.set, 'KAD_BUCKET_SIZE=2')
  })

  it('PENDING, which passes into TABLE_UPDATE_TIMED_OUT where the update was dropped', async () => {
    await using a = await startNode({ kad: { routingTableUpdateMaxQueueSize: 0 } })
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'PENDING')
    await a.sighted(b.id, 'TABLE_UPDATE_TIMED_OUT')
    await a.warning(/dropped or timed out/)
  })

  it('EVICTED where the peer was taken out and is connected', async () => {
    await using a = await startNode()
    // Its push would list it again.
    await using b = await startNode({ without: ['identifyPush'] })
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'NOT_DIALLED_BACK')
    await a.unlist(b.peerId)
    await a.sighted(b.id, 'EVICTED')
    await a.event(({ event }) => event === 'unlisted')
  })

  it('BUCKET_FULL for a peer that was taken out and finds its place taken', async () => {
    await using a = await startNode({ kad: { kBucketSize: 1, prefixLength: 0 } })
    // Its push would list it again, before or after the other peer comes.
    await using b = await startNode({ without: ['identifyPush'] })
    await using c = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'NOT_DIALLED_BACK')
    await a.unlist(b.peerId)
    await c.libp2p.dial(a.address())
    await a.sighted(c.id, 'NOT_DIALLED_BACK')
    await a.relist(b.peerId)
    await a.sighted(b.id, 'BUCKET_FULL')
  })
})
