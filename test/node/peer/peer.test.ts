import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { describeError } from '#node/base/errors.ts'
import { silentLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { createPeer, type Peer } from '#node/peer/peer.ts'
import { MemoryNetwork } from '../memory-network.ts'
import { addressOf, connects, knownAddresses, lists, SOON_MS, startPeer, until } from '../peers.ts'

const A = { address: '11.0.0.1' }
const B = { address: '11.0.0.2' }
const C = { address: '11.0.0.3' }
const HOUR_MS = 3_600_000

describe('createPeer', () => {
  it('tells newcomers of a peer that has been connected for hours', async (t) => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    let identifies = 0
    a.libp2p.addEventListener('peer:identify', () => (identifies += 1))
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await lists(a, b.peerId)
    // B pushes its addresses a second after its start; nothing renews them after that.
    await until(a.libp2p, 'peer:identify', async () => identifies >= 2)
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3 * HOUR_MS })
    assert.deepEqual(await knownAddresses(a, b.peerId), ['/ip4/11.0.0.2/tcp/3000'])
    await using c = await startPeer(network, C, { BOOTSTRAP: addressOf(A) })
    await lists(c, b.peerId)
  })

  it('answers as many pings at once as others ask, on one connection that stays open', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A) })
    await connects(b, a.peerId)
    const [connection] = b.libp2p.getConnections(a.peerId)
    const pings = Array.from({ length: 30 }, async () => connection?.newStream('/ipfs/ping/1.0.0'))
    const streams = await Promise.all(pings)
    assert.ok(streams.every((stream) => stream?.status === 'open'))
    assert.equal(connection?.status, 'open')
    for (const stream of streams) stream?.abort(new Error('enough'))
  })

  it('takes many peers from one address at the same moment', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using stack = new AsyncDisposableStack()
    const nat = { address: '10.0.0.4', publicAddress: '11.0.0.9' }
    const peers: Peer[] = []
    for (let index = 0; index < 20; index += 1) {
      const env = { LISTEN: `/ip4/0.0.0.0/tcp/${4000 + index}`, PUBLIC_IP: nat.publicAddress }
      peers.push(stack.use(await startPeer(network, nat, env)))
    }
    const target = a.libp2p.getMultiaddrs()
    const dials = await Promise.allSettled(peers.map(async ({ libp2p }) => libp2p.dial(target)))
    assert.deepEqual(
      dials.filter(({ status }) => status === 'rejected'),
      [],
    )
  })

  it('tells the connected peers when it becomes a server later', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A), KAD_MODE: 'client' })
    await lists(b, a.peerId)
    await b.dht.setMode('server')
    await lists(a, b.peerId)
  })

  it('becomes a server by itself with KAD_MODE=auto where it has a public address', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B, { BOOTSTRAP: addressOf(A), KAD_MODE: 'auto' })
    assert.equal(b.dht.getMode(), 'client')
    await lists(a, b.peerId)
  })

  it('gives a silent address up in time to try the next one', async () => {
    const network = new MemoryNetwork()
    network.swallow('11.0.0.8:3000')
    await using a = await startPeer(network, A)
    await using b = await startPeer(network, B, { DIAL_ADDRESS_TIMEOUT_MS: '100' })
    const silent = multiaddr(`/ip4/11.0.0.8/tcp/3000/p2p/${a.peerId.toString()}`)
    const connection = await b.libp2p.dial([silent, ...a.libp2p.getMultiaddrs()], {
      signal: AbortSignal.timeout(SOON_MS),
    })
    assert.match(connection.remoteAddr.toString(), /^\/ip4\/11\.0\.0\.1\//)
  })

  it('finds peers that joined at the same moment, without waiting for the periodic refresh', async () => {
    const network = new MemoryNetwork()
    await using a = await startPeer(network, A)
    const env = { BOOTSTRAP: addressOf(A) }
    const [first, second] = await Promise.all([
      startPeer(network, B, env),
      startPeer(network, C, env),
    ])
    await using b = first
    await using c = second
    await Promise.all([lists(b, c.peerId), lists(c, b.peerId), lists(a, b.peerId)])
  })

  it('keeps its identity and the peers that it knows in DATA_DIR', async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
    const network = new MemoryNetwork()
    const env = { DATA_DIR: dir.path }
    await using b = await startPeer(network, B)
    const before = await startPeer(network, A, { ...env, BOOTSTRAP: addressOf(B) })
    await lists(before, b.peerId)
    await before.stop()
    await using after = await startPeer(network, A, env)
    assert.ok(after.peerId.equals(before.peerId))
    await lists(after, b.peerId)
  })

  it('refuses a database that another process holds', async () => {
    await using dir = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
    const network = new MemoryNetwork()
    await using _holder = await startPeer(network, A, { DATA_DIR: dir.path })
    await assert.rejects(startPeer(network, B, { DATA_DIR: dir.path }), {
      name: 'PeerStartError',
      message: /cannot open the database/,
    })
  })

  it('says which address is in use', async () => {
    const env = { LISTEN: '/ip4/127.0.0.1/tcp/0', ADDRESS_SCOPE: 'any' }
    await using a = await createPeer(parseConfig(env), { log: silentLog })
    await a.start()
    const [address] = a.libp2p.getMultiaddrs()
    const taken = { ...env, LISTEN: address?.decapsulate('/p2p').toString() ?? '' }
    await using b = await createPeer(parseConfig(taken), { log: silentLog })
    await assert.rejects(b.start(), (error: Error) => {
      assert.equal(error.name, 'PeerStartError')
      assert.match(describeError(error), /^cannot listen on .* \(listen EADDRINUSE: [^\n()]*\)$/)
      return true
    })
  })

  it('stops twice, and before it was started', async () => {
    const network = new MemoryNetwork()
    const peer = await startPeer(network, A)
    await Promise.all([peer.stop(), peer.stop()])
    await peer.stop()
    const config = parseConfig({})
    const never = await createPeer(config, { log: silentLog, transport: network.transport(A) })
    await never.stop()
  })
})
