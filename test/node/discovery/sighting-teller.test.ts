import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '#test/support/manual-clock.ts'
import { startNode, type TestNode } from './stock-node.ts'

const SETTLE_MS = 3000
const observer = { settleMs: SETTLE_MS }

/** Lets A ask B over identify once more. */
async function identifyAgain(a: TestNode, b: TestNode): Promise<void> {
  const { services } = a.libp2p as unknown as {
    services: { identify: { identify(connection: object): Promise<void> } }
  }
  const [connection] = a.libp2p.getConnections(b.peerId)
  assert.ok(connection)
  await services.identify.identify(connection)
}

describe('the teller of sightings', () => {
  it('warns when nothing has changed for a while, not before', async () => {
    const clock = new ManualClock()
    await using a = await startNode({ scope: 'public', clock, observer })
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'ONLY_PRIVATE_ADDRESSES')
    await clock.advance(SETTLE_MS - 1)
    assert.deepEqual(a.warnings, [])
    await clock.advance(1)
    await a.warning(/is not listed here/)
  })

  it('warns once of one cause, though identify comes again', async () => {
    const clock = new ManualClock()
    await using a = await startNode({ scope: 'public', clock, observer })
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'ONLY_PRIVATE_ADDRESSES')
    await clock.advance(SETTLE_MS)
    await a.warning(/is not listed here/)
    await identifyAgain(a, b)
    assert.equal(clock.pending(), 1)
    await clock.advance(SETTLE_MS)
    await b.libp2p.hangUp(a.peerId)
    await a.sighted(b.id, 'CONNECTION_LOST')
    assert.equal(a.warnings.length, 1)
  })

  it('asks a peer that offers no Kademlia again before it warns', async () => {
    const clock = new ManualClock()
    await using a = await startNode({ clock, observer })
    await using b = await startNode({ kad: { clientMode: true }, without: ['identifyPush'] })
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'CLIENT_MODE')
    await b.dht.setMode('server')
    await clock.advance(SETTLE_MS)
    await a.warning(/became a server after identify/)
  })

  it('says nothing of a peer that is listed', async () => {
    const clock = new ManualClock()
    await using a = await startNode({ clock, observer })
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'NOT_DIALLED_BACK')
    await clock.advance(SETTLE_MS * 2)
    await b.libp2p.hangUp(a.peerId)
    await a.event(({ event }) => event === 'closed')
    assert.deepEqual(a.warnings, [])
  })

  it('leaves no timer behind', async () => {
    const clock = new ManualClock()
    await using a = await startNode({ scope: 'public', clock, observer })
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'ONLY_PRIVATE_ADDRESSES')
    await a.observer.stop()
    assert.equal(clock.pending(), 0)
  })
})
