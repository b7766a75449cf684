import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { systemClock } from '#node/time/clock.ts'
import type { SimHost } from '#orchestrator/fabric/sim/host.ts'
import { SimInternet } from '#orchestrator/fabric/sim/internet.ts'
import { simTransport } from '#orchestrator/fabric/sim/transport.ts'
import type { NatConfig } from '#orchestrator/net/nat.ts'
import { cloudNat, labPlan, sitePlan } from '#test/orchestrator/fabric/sim/plans.ts'
import { idOf, type NodeOptions, startNode } from './stock-node.ts'

const PRIVATE = '10.0.0.4'
const PUBLIC = { a: '11.0.0.11', b: '11.0.0.12' }

function natOf(address: string): NatConfig {
  return cloudNat({ private: PRIVATE, public: address })
}

/** Two cloud VMs, each behind 1:1 NAT and both 10.0.0.4, as in two fresh Azure VNets; no packet leaves the process. */
class TwoVms implements Disposable {
  readonly #internet: SimInternet
  readonly a: SimHost
  readonly b: SimHost

  constructor(securityGroupOfB: NatConfig['allow'] = [{ protocol: 'tcp', port: 3000 }]) {
    const sites = [
      sitePlan('a', PUBLIC.a, natOf(PUBLIC.a)),
      sitePlan('b', PUBLIC.b, { ...natOf(PUBLIC.b), allow: securityGroupOfB }),
    ]
    this.#internet = new SimInternet(labPlan(sites), { clock: systemClock })
    const host = (network: 'a' | 'b', gateway: string | null): SimHost =>
      this.#internet.addHost({ name: network, network, address: PRIVATE, gateway })
    this.a = host('a', '10.0.0.1')
    this.b = host('b', '10.0.0.1')
  }

  /** A host on B's network that has no default route. */
  hostWithoutGateway(): SimHost {
    const place = { name: 'c', network: 'b', address: '10.0.0.9', gateway: null }
    return this.#internet.addHost(place)
  }

  [Symbol.dispose](): void {
    this.#internet.stop()
  }
}

function on(
  host: SimHost,
  announce: string[],
  scope: NodeOptions['scope'] = 'public',
): NodeOptions {
  return {
    scope,
    host: {
      transports: [simTransport(host)],
      addresses: { listen: [`/ip4/${PRIVATE}/tcp/3000`], announce },
      nodeInfo: { userAgent: 'kadlab/test' },
    },
  }
}

function addressOf(host: string, peerId: string) {
  return multiaddr(`/ip4/${host}/tcp/3000/p2p/${peerId}`)
}

const STRANGER = await idOf(99)
const AT = { a: `/ip4/${PUBLIC.a}/tcp/3000`, b: `/ip4/${PUBLIC.b}/tcp/3000` }

describe('two servers behind 1:1 NAT', () => {
  it('explain the field report: why A never lists B, and what to set on B', async () => {
    using vms = new TwoVms()
    await using a = await startNode(on(vms.a, []))
    await using b = await startNode(on(vms.b, []))
    await b.libp2p.dial(addressOf(PUBLIC.a, a.id))
    const { evidence, remedy } = await a.sighted(b.id, 'ONLY_PRIVATE_ADDRESSES')
    assert.partialDeepStrictEqual(evidence, {
      announced: [`/ip4/${PRIVATE}/tcp/3000`],
      kept: [],
      scope: 'public',
    })
    assert.match(evidence?.remoteAddress ?? '', /^\/ip4\/11\.0\.0\.12\/tcp\//)
    assert.equal(remedy?.on, 'target')
    assert.equal(remedy?.set, 'PUBLIC_IP=11.0.0.12')
    await a.warning(/PUBLIC_IP=11\.0\.0\.12/)
  })

  it('reach the top rung at each other where each announces its public address', async () => {
    using vms = new TwoVms()
    await using a = await startNode(on(vms.a, [AT.a]))
    await using b = await startNode(on(vms.b, [AT.b]))
    await b.libp2p.dial(addressOf(PUBLIC.a, a.id))
    await a.sighted(b.id, 'NOT_DIALLED_BACK')
    await b.sighted(a.id, 'NOT_DIALLED_BACK')
    assert.equal((await a.sighting(b.id, { dialBack: true })).rung, 'dialable')
    assert.equal((await b.sighting(a.id, { dialBack: true })).rung, 'dialable')
  })

  it('find that B announces an address that is also A, where nothing filters it', async () => {
    using vms = new TwoVms()
    await using a = await startNode(on(vms.a, [AT.a], 'any'))
    await using b = await startNode(on(vms.b, []))
    await b.libp2p.dial(addressOf(PUBLIC.a, a.id))
    await a.sighted(b.id, 'NOT_DIALLED_BACK')
    const { cause, remedy } = await a.sighting(b.id, { dialBack: true })
    assert.equal(cause, 'ADDRESS_OF_OBSERVER')
    assert.equal(remedy?.set, 'PUBLIC_IP=11.0.0.12')
  })

  it('find a security group that lets nobody in', async () => {
    using vms = new TwoVms([])
    await using a = await startNode({ ...on(vms.a, [AT.a]), observer: { dialTimeoutMs: 300 } })
    await using b = await startNode(on(vms.b, [AT.b]))
    await b.libp2p.dial(addressOf(PUBLIC.a, a.id))
    await a.sighted(b.id, 'NOT_DIALLED_BACK')
    const { cause, remedy, dialable } = await a.sighting(b.id, { dialBack: true })
    assert.equal(cause, 'ADDRESS_TIMED_OUT')
    assert.equal(dialable, false)
    assert.equal(remedy?.on, 'network')
    assert.match(remedy?.text ?? '', /TCP 3000/)
  })

  it('find that nobody listens behind an open door', async () => {
    using vms = new TwoVms()
    await using a = await startNode(on(vms.a, [AT.a]))
    await assert.rejects(a.libp2p.dial(addressOf(PUBLIC.b, STRANGER)))
    await a.sighted(STRANGER, 'DIAL_REFUSED')
  })

  it('find that a host without a default route cannot reach the other', async () => {
    using vms = new TwoVms()
    await using c = await startNode({
      host: {
        transports: [simTransport(vms.hostWithoutGateway())],
        addresses: { listen: [] },
      },
    })
    await assert.rejects(c.libp2p.dial(addressOf(PUBLIC.a, STRANGER)))
    await c.sighted(STRANGER, 'DIAL_NO_ROUTE')
  })
})
