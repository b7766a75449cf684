import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, mock } from 'node:test'
import { keyOf, startNode } from './stock-node.ts'

/**
 * What libp2p takes for a public address, and no packet leaves the machine for it: a unix socket.
 * (Addresses of 127/8 are private to it.)
 */
let folder = ''
let sockets = 0
const unixAddress = (): string => `/unix/${encodeURIComponent(join(folder, `${++sockets}`))}`

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kadlab-'))
})
after(async () => {
  await rm(folder, { recursive: true })
})

describe('causes on the rung speaks-kademlia', () => {
  it('NO_ADDRESS_ANNOUNCED where the peer announces nothing', async () => {
    await using a = await startNode()
    await using b = await startNode({ host: { addresses: { listen: [] } } })
    await b.libp2p.dial(a.address())
    const { announced } = await a.sighted(b.id, 'NO_ADDRESS_ANNOUNCED')
    assert.deepEqual(announced, [])
  })

  it('ONLY_PRIVATE_ADDRESSES, with what was announced and what the filter left', async () => {
    await using a = await startNode({ scope: 'public' })
    await using b = await startNode()
    await b.libp2p.dial(a.address())
    const sighting = await a.sighted(b.id, 'ONLY_PRIVATE_ADDRESSES')
    assert.equal(sighting.rung, 'speaks-kademlia')
    assert.equal(sighting.listed, false)
    assert.partialDeepStrictEqual(sighting.evidence, {
      announced: [b.bareAddress()],
      scope: 'public',
      kept: [],
    })
    await a.warning(/every address that …\w{8} announces is private/)
  })

  it('ONLY_PUBLIC_ADDRESSES where the observer keeps private ones only', async () => {
    await using a = await startNode({ scope: 'private' })
    await using b = await startNode({
      host: { addresses: { listen: [], announce: [unixAddress()] } },
    })
    await b.libp2p.dial(a.address())
    const { remedy } = await a.sighted(b.id, 'ONLY_PUBLIC_ADDRESSES')
    assert.equal(remedy?.set, 'ADDRESS_SCOPE=any')
  })

  it('ADDRESSES_EXPIRED where stored addresses grew too old and the next identify brings the same', async () => {
    await using a = await startNode({ host: { peerStore: { maxAddressAge: 1 } } })
    await using b = await startNode({ kad: { clientMode: true } })
    await b.libp2p.dial(a.address())
    await a.sighted(b.id, 'CLIENT_MODE')
    // A push goes to those whose protocols are known.
    await b.event(({ event }) => event === 'identified')
    await b.dht.setMode('server')
    const { announced, evidence } = await a.sighted(b.id, 'ADDRESSES_EXPIRED')
    assert.deepEqual(announced, [b.bareAddress()])
    assert.deepEqual(evidence?.stored, [])
  })

  it('STALE_SIGNED_RECORD where the clock of a peer went back', async () => {
    await using a = await startNode({ scope: 'public' })
    const privateKey = await keyOf(7)
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_600_000 })
    try {
      await using early = await startNode({ privateKey })
      await early.libp2p.dial(a.address())
      await a.sighted(early.id, 'ONLY_PRIVATE_ADDRESSES')
    } finally {
      mock.timers.reset()
    }
    await using b = await startNode({
      privateKey,
      host: { addresses: { listen: [], announce: [unixAddress()] } },
    })
    await a.event(({ event }) => event === 'closed')
    await b.libp2p.dial(a.address())
    const { announced, evidence } = await a.sighted(b.id, 'STALE_SIGNED_RECORD')
    assert.notDeepEqual(announced, evidence?.stored)
  })
})
