import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify, identifyPush } from '@libp2p/identify'
import { kadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { systemClock } from '#node/time/clock.ts'
import type { SimHost } from '#orchestrator/fabric/sim/host.ts'
import { SimInternet } from '#orchestrator/fabric/sim/internet.ts'
import { simTransport } from '#orchestrator/fabric/sim/transport.ts'
import { cloudNat, labPlan, sitePlan } from './plans.ts'

const placeOfA = { network: 'site-a', address: '10.0.0.4', publicAddress: '11.0.0.11' }
const placeOfB = { network: 'site-b', address: '10.0.0.4', publicAddress: '11.0.0.12' }

/** Two cloud VMs, each behind 1:1 NAT, and both of the same private range. */
function createClouds(): SimInternet & Disposable {
  const sites = [placeOfA, placeOfB].map(({ network, address, publicAddress }) =>
    sitePlan(network, publicAddress, cloudNat({ private: address, public: publicAddress })),
  )
  const internet = new SimInternet(labPlan(sites), { clock: systemClock })
  return Object.assign(internet, { [Symbol.dispose]: () => internet.stop() })
}

function addVm(internet: SimInternet, place: typeof placeOfA): SimHost {
  return internet.addHost({ ...place, name: place.network, gateway: '10.0.0.1' })
}

async function startPeer(host: SimHost, announce: string[]) {
  const libp2p = await createLibp2p({
    addresses: { listen: ['/ip4/0.0.0.0/tcp/3000'], announce },
    transports: [simTransport(host)],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping({ maxInboundStreams: 8, maxOutboundStreams: 8 }),
      dht: kadDHT({ protocol: '/test/kad/1.0.0', clientMode: false }),
    },
  })
  return Object.assign(libp2p, { [Symbol.asyncDispose]: async () => libp2p.stop() })
}

/** Public in the class of kad-dht, and missing in its type. */
interface RoutingTable extends EventTarget {
  size: number
}

function routingTable(peer: Awaited<ReturnType<typeof startPeer>>): RoutingTable {
  return (peer.services.dht as unknown as { routingTable: RoutingTable }).routingTable
}

function lists(peer: Awaited<ReturnType<typeof startPeer>>): Promise<string> {
  return new Promise((resolve) => {
    routingTable(peer).addEventListener(
      'peer:add',
      (event) => resolve(String((event as CustomEvent).detail)),
      { once: true },
    )
  })
}

function identifies(peer: Awaited<ReturnType<typeof startPeer>>): Promise<string[]> {
  return new Promise((resolve) => {
    peer.addEventListener(
      'peer:identify',
      (event) => resolve(event.detail.listenAddrs.map(String)),
      { once: true },
    )
  })
}

const dialledA = multiaddr('/ip4/11.0.0.11/tcp/3000')

describe('sim transport', () => {
  it('expands 0.0.0.0 to the addresses of the simulated host', async () => {
    using internet = createClouds()
    await using peer = await startPeer(addVm(internet, placeOfA), [])
    assert.deepEqual(
      peer.getMultiaddrs().map((address) => address.decapsulate('/p2p').toString()),
      ['/ip4/127.0.0.1/tcp/3000', '/ip4/10.0.0.4/tcp/3000'],
    )
  })

  it('shows the bug: A is connected to B, and lists nobody while B announces private addresses only', async () => {
    using internet = createClouds()
    await using a = await startPeer(addVm(internet, placeOfA), ['/ip4/11.0.0.11/tcp/3000'])
    await using b = await startPeer(addVm(internet, placeOfB), [])
    const identifiedAtA = identifies(a)
    const listedAtB = lists(b)
    await b.dial(dialledA)
    assert.equal(await listedAtB, a.peerId.toString())
    assert.deepEqual(await identifiedAtA, ['/ip4/127.0.0.1/tcp/3000', '/ip4/10.0.0.4/tcp/3000'])
    assert.equal(a.getConnections(b.peerId).length, 1)
    // A's own ping goes out after whatever the identify message set off, so a listing would have come by now.
    await a.services.ping.ping(b.peerId)
    await a.services.ping.ping(b.peerId)
    assert.equal(routingTable(a).size, 0)
  })

  it('lists both ways where both announce their public addresses', async () => {
    using internet = createClouds()
    await using a = await startPeer(addVm(internet, placeOfA), ['/ip4/11.0.0.11/tcp/3000'])
    await using b = await startPeer(addVm(internet, placeOfB), ['/ip4/11.0.0.12/tcp/3000'])
    const listed = Promise.all([lists(a), lists(b)])
    await b.dial(dialledA)
    assert.deepEqual(await listed, [b.peerId.toString(), a.peerId.toString()])
    const connection = await a.dial(multiaddr('/ip4/11.0.0.12/tcp/3000'), { force: true })
    assert.equal(connection.remotePeer.toString(), b.peerId.toString())
  })

  it('lets a peer behind 1:1 NAT be seen at its public address', async () => {
    using internet = createClouds()
    await using a = await startPeer(addVm(internet, placeOfA), [])
    await using b = await startPeer(addVm(internet, placeOfB), [])
    const seen = new Promise<string>((resolve) => {
      a.addEventListener('connection:open', (event) => resolve(event.detail.remoteAddr.toString()))
    })
    await b.dial(dialledA)
    assert.match(await seen, /^\/ip4\/11\.0\.0\.12\/tcp\/\d+/)
  })

  it('asks nobody for a name, and has no IPv6', async () => {
    using internet = createClouds()
    await using a = await startPeer(addVm(internet, placeOfA), [])
    for (const [address, said] of [
      ['/dns4/a.example/tcp/3000', /getaddrinfo ENOTFOUND a\.example/],
      ['/dns/localhost/tcp/3000', /getaddrinfo ENOTFOUND localhost/],
      ['/ip6/2a00::1/tcp/3000', /connect ENETUNREACH 2a00::1:3000/],
    ] as const) {
      await assert.rejects(a.dial(multiaddr(address)), said)
    }
  })

  it("fails with Node's codes", async () => {
    using internet = createClouds()
    const hostA = addVm(internet, placeOfA)
    await using b = await startPeer(addVm(internet, placeOfB), [])
    await assert.rejects(b.dial(dialledA), { code: 'ECONNREFUSED', syscall: 'connect' })
    await assert.rejects(b.dial(multiaddr('/ip4/12.0.0.1/tcp/3000')), { code: 'ENETUNREACH' })
    await assert.rejects(
      b.dial(multiaddr('/ip4/11.0.0.11/tcp/3001'), { signal: AbortSignal.timeout(50) }),
      { name: 'TimeoutError' },
    )
    assert.equal(hostA.addresses.length, 2)
  })
})
