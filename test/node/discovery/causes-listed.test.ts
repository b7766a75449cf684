import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Sighting } from '#node/judgement/sighting.ts'
import {
  closedAddress,
  listenAndClose,
  listenInGibberish,
  listenMute,
  type OddListener,
} from './odd-listeners.ts'
import { tcpWithoutRoute } from './odd-transports.ts'
import { startNode, type NodeOptions, type TestNode } from './stock-node.ts'

/** How A judges a B that announces `address`, after a dial-back. */
async function dialBack(a: TestNode, address: string, cause: Sighting['cause']): Promise<Sighting> {
  await using b = await startNode(announcing(address))
  await b.libp2p.dial(a.address())
  await a.sighted(b.id, 'NOT_DIALLED_BACK')
  const sighting = await a.sighting(b.id, { dialBack: true })
  assert.equal(sighting.cause, cause)
  assert.equal(sighting.rung, 'listed')
  assert.equal(sighting.dialable, false)
  assert.equal(sighting.evidence?.dials?.[0]?.address, address)
  assert.equal(a.libp2p.getConnections(b.peerId).length, 1)
  await a.event((one) => one.event === 'dialled-back' && one.peer === b.id && !one.ok)
  return sighting
}

function announcing(...announce: string[]): NodeOptions {
  return { host: { addresses: { listen: ['/ip4/127.0.0.1/tcp/0'], announce } } }
}

async function dialBackTo(
  listen: () => Promise<OddListener>,
  cause: Sighting['cause'],
  options: NodeOptions = {},
) {
  await using listener = await listen()
  await using a = await startNode(options)
  await dialBack(a, listener.address, cause)
}

describe('causes on the rung listed', () => {
  it('NOT_DIALLED_BACK until somebody asks', async () => {
    await using a = await startNode()
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    const { dialable, listed } = await a.sighted(b.id, 'NOT_DIALLED_BACK')
    assert.equal(dialable, null)
    assert.equal(listed, true)
  })

  it('ADDRESS_REFUSED where nobody listens at the announced address', async () => {
    await using a = await startNode()
    await dialBack(a, await closedAddress(), 'ADDRESS_REFUSED')
  })

  it('ADDRESS_TIMED_OUT where nobody answers there', async () => {
    await dialBackTo(listenMute, 'ADDRESS_TIMED_OUT', { observer: { dialTimeoutMs: 300 } })
  })

  it('ADDRESS_DENIED where the connection ends unsecured', async () => {
    await dialBackTo(listenAndClose, 'ADDRESS_DENIED')
  })

  it('ADDRESS_UNREACHABLE where what answers is no libp2p peer', async () => {
    await dialBackTo(listenInGibberish, 'ADDRESS_UNREACHABLE')
  })

  it('ADDRESS_NO_ROUTE where no route leads there', async () => {
    await using a = await startNode({ host: { transports: [tcpWithoutRoute()] } })
    await dialBack(a, await closedAddress(), 'ADDRESS_NO_ROUTE')
  })

  it('ADDRESS_OF_ANOTHER_PEER where another peer answers, which is not let in', async () => {
    await using a = await startNode()
    await using other = await startNode()
    const address = other.bareAddress()
    const { evidence } = await dialBack(a, address, 'ADDRESS_OF_ANOTHER_PEER')
    assert.equal(evidence?.dials?.[0]?.answeredBy, other.id)
    assert.equal((await a.sighting(other.id)).connected, false)
  })

  it("ADDRESS_OF_OBSERVER where the address is the observer's own", async () => {
    await using a = await startNode()
    await dialBack(a, a.bareAddress(), 'ADDRESS_OF_OBSERVER')
  })

  it('LISTED_WITHOUT_ADDRESS where the peer came into the table past the address filter', async () => {
    await using a = await startNode({ scope: 'public' })
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'ONLY_PRIVATE_ADDRESSES')
    a.list(b.peerId)
    const { evidence } = await a.sighted(b.id, 'LISTED_WITHOUT_ADDRESS')
    assert.deepEqual(evidence?.kept, [])
  })

  it('is left for the top rung where one of several addresses works', async () => {
    await using a = await startNode()
    await using b = await startNode()
    const address = b.bareAddress()
    await b.libp2p.stop()
    await using c = await startNode({
      host: { addresses: { listen: [address], announce: [await closedAddress(), address] } },
    })
    await c.libp2p.dial(a.address())
    await a.sighted(c.id, 'NOT_DIALLED_BACK')
    assert.equal((await a.sighting(c.id, { dialBack: true })).cause, null)
  })

  it('is told of a peer that stopped, from the dial that failed', async () => {
    await using a = await startNode()
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'NOT_DIALLED_BACK')
    assert.equal((await a.sighting(b.id, { dialBack: true })).cause, null)
    await b.libp2p.stop()
    await a.event(({ event }) => event === 'closed')
    assert.equal((await a.sighting(b.id)).cause, 'NOT_DIALLED_BACK')
    const { connected, listed, cause } = await a.sighting(b.id, { dialBack: true })
    assert.deepEqual(
      { connected, listed, cause },
      {
        connected: false,
        listed: true,
        cause: 'ADDRESS_REFUSED',
      },
    )
  })
})
