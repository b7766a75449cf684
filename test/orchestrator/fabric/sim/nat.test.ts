import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Nat, type NatVerdict } from '#orchestrator/fabric/sim/nat.ts'
import type { Packet } from '#orchestrator/fabric/sim/packet.ts'
import { createRandom } from '#orchestrator/fabric/sim/random.ts'
import type { NatConfig } from '#orchestrator/net/nat.ts'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'
import { tcpSegment } from '#test/support/tcp-segment.ts'
import { cloudNat, homeNat } from './plans.ts'

const outsideAddress = '11.0.0.11'
const host: Endpoint = { address: '10.0.0.4', port: 3000 }
const neighbour: Endpoint = { address: '10.0.0.5', port: 3000 }
const remote: Endpoint = { address: '11.0.0.99', port: 4000 }
const otherPort: Endpoint = { ...remote, port: 4001 }
const otherHost: Endpoint = { address: '11.0.0.98', port: 4000 }

function createNat(changes: Partial<NatConfig> = {}): Nat {
  const random = createRandom(1, 'nat')
  return new Nat({ ...homeNat, ...changes }, { outsideAddress, random })
}

function udp(source: Endpoint, destination: Endpoint): Packet {
  return { protocol: 'udp', source, destination, payload: new Uint8Array() }
}

function passed(verdict: NatVerdict): Packet {
  if ('drop' in verdict) assert.fail(`expected a packet, saw a drop: ${verdict.drop}`)
  return verdict.packet
}

/** The outside endpoint that `inside` gets towards `to`. */
function outsideOf(nat: Nat, inside: Endpoint, to: Endpoint, nowMs = 0): Endpoint {
  return passed(nat.outbound(udp(inside, to), nowMs)).source
}

describe('mapping', () => {
  it('keeps one outside endpoint for all destinations where it is endpoint-independent', () => {
    const nat = createNat()
    const first = outsideOf(nat, host, remote)
    assert.deepEqual(first, { address: outsideAddress, port: 3000 })
    assert.deepEqual(outsideOf(nat, host, otherPort), first)
    assert.deepEqual(outsideOf(nat, host, otherHost), first)
  })

  it('keeps one for each remote address where it is address-dependent', () => {
    const nat = createNat({ mapping: 'AD' })
    const first = outsideOf(nat, host, remote)
    assert.deepEqual(outsideOf(nat, host, otherPort), first)
    assert.notEqual(outsideOf(nat, host, otherHost).port, first.port)
  })

  it('keeps one for each remote endpoint where it is address-and-port-dependent', () => {
    const nat = createNat({ mapping: 'APD', ports: 'random' })
    const ports = [remote, otherPort, otherHost, remote].map((to) => outsideOf(nat, host, to).port)
    assert.equal(new Set(ports).size, 3)
    assert.equal(ports[3], ports[0])
    assert.ok(!ports.includes(3000))
  })

  it('gives the second of two hosts with one port another outside port', () => {
    const nat = createNat()
    const first = outsideOf(nat, host, remote)
    const second = outsideOf(nat, neighbour, remote)
    assert.equal(first.port, 3000)
    assert.notEqual(second.port, 3000)
    assert.equal(passed(nat.inbound(udp(remote, second), 0)).destination.address, '10.0.0.5')
  })

  it('never gives out a well-known port', () => {
    const nat = createNat()
    assert.ok(outsideOf(nat, { ...host, port: 80 }, remote).port >= 1024)
  })

  it('is forgotten when it was idle for the time that its protocol has', () => {
    const nat = createNat({ filtering: 'EI' })
    const outside = outsideOf(nat, host, remote)
    assert.ok('packet' in nat.inbound(udp(remote, outside), 119_999))
    assert.ok('packet' in nat.inbound(udp(remote, outside), 239_998))
    assert.deepEqual(nat.inbound(udp(remote, outside), 400_000), { drop: 'no-mapping' })
  })

  it('frees its port when it is forgotten', () => {
    const nat = createNat()
    outsideOf(nat, host, remote)
    assert.equal(outsideOf(nat, neighbour, remote, 120_001).port, 3000)
  })

  it('is forgotten when the router is flushed', () => {
    const nat = createNat({ filtering: 'EI' })
    const outside = outsideOf(nat, host, remote)
    nat.flush()
    assert.deepEqual(nat.inbound(udp(remote, outside), 0), { drop: 'no-mapping' })
    assert.deepEqual(nat.mappings(0), [])
  })
})

describe('TCP sessions', () => {
  const timeouts = { udpMs: 1000, tcpEstablishedMs: 100_000, tcpTransitoryMs: 10_000 }

  function established(): { nat: Nat; outside: Endpoint } {
    const nat = createNat({ timeouts })
    const syn = tcpSegment(host, remote, { syn: true, ack: false })
    const outside = passed(nat.outbound(syn, 0)).source
    passed(nat.inbound(tcpSegment(remote, outside, { syn: true }), 1))
    passed(nat.outbound(tcpSegment(host, remote), 2))
    return { nat, outside }
  }

  it('last long once both sides have spoken', () => {
    const { nat, outside } = established()
    assert.ok('packet' in nat.inbound(tcpSegment(remote, outside), 100_001))
  })

  it('last short while nobody has answered', () => {
    const nat = createNat({ timeouts })
    const { source } = passed(nat.outbound(tcpSegment(host, remote, { syn: true, ack: false }), 0))
    assert.deepEqual(nat.inbound(tcpSegment(remote, source), 10_000), { drop: 'no-mapping' })
  })

  it('last short after a reset, and long again for a new connection', () => {
    const { nat, outside } = established()
    passed(nat.inbound(tcpSegment(remote, outside, { rst: true }), 3))
    assert.equal(Array.from(nat.mappings(10_002)[0]?.sessions ?? [])[0]?.phase, 'closing')
    passed(nat.outbound(tcpSegment(host, remote, { syn: true, ack: false }), 4))
    passed(nat.inbound(tcpSegment(remote, outside, { syn: true }), 5))
    assert.ok('packet' in nat.inbound(tcpSegment(remote, outside), 90_000))
  })

  it('last short after both sides have ended, not after one', () => {
    const { nat, outside } = established()
    passed(nat.outbound(tcpSegment(host, remote, { fin: true }), 3))
    assert.ok('packet' in nat.inbound(tcpSegment(remote, outside), 50_000))
    passed(nat.inbound(tcpSegment(remote, outside, { fin: true }), 50_001))
    assert.deepEqual(nat.inbound(tcpSegment(remote, outside), 60_001), { drop: 'no-mapping' })
  })

  it('start anew in the middle of a connection after a flush, as on Linux', () => {
    const { nat, outside } = established()
    nat.flush()
    assert.deepEqual(nat.inbound(tcpSegment(remote, outside), 3), { drop: 'no-mapping' })
    assert.deepEqual(passed(nat.outbound(tcpSegment(host, remote), 4)).source, outside)
    assert.ok('packet' in nat.inbound(tcpSegment(remote, outside), 5))
  })
})

describe('filtering', () => {
  const cases = [
    { filtering: 'EI', letsIn: [true, true, true] },
    { filtering: 'AD', letsIn: [true, true, false] },
    { filtering: 'APD', letsIn: [true, false, false] },
  ] as const
  for (const { filtering, letsIn } of cases) {
    it(`lets in who ${filtering} says`, () => {
      const nat = createNat({ filtering })
      const outside = outsideOf(nat, host, remote)
      const seen = [remote, otherPort, otherHost].map(
        (from) => 'packet' in nat.inbound(udp(from, outside), 1),
      )
      assert.deepEqual(seen, letsIn)
    })
  }

  it('does not let somebody in because he was kept out before', () => {
    const nat = createNat()
    const outside = outsideOf(nat, host, remote)
    assert.deepEqual(nat.inbound(udp(otherHost, outside), 1), { drop: 'filtered' })
    assert.deepEqual(nat.inbound(udp(otherHost, outside), 2), { drop: 'filtered' })
    assert.equal(nat.counters.dropped.filtered, 2)
  })

  it('lets no packet to a private address in from outside', () => {
    const nat = createNat({ filtering: 'EI' })
    outsideOf(nat, host, remote)
    assert.deepEqual(nat.inbound(udp(remote, host), 1), { drop: 'not-ours' })
  })
})

describe('port forwards', () => {
  const forward = { protocol: 'tcp', port: 8000, to: host.address, toPort: host.port } as const
  const outside = { address: outsideAddress, port: 8000 }
  const syn = { syn: true, ack: false }

  it('let everybody in, and answers leave by the same port', () => {
    const nat = createNat({ forwards: [forward] })
    const inbound = passed(nat.inbound(tcpSegment(remote, outside, syn), 0))
    assert.deepEqual(inbound.destination, host)
    assert.deepEqual(
      passed(nat.outbound(tcpSegment(host, remote, { syn: true }), 1)).source,
      outside,
    )
  })

  it('do so where the mapping depends on the destination too', () => {
    const nat = createNat({ forwards: [forward], mapping: 'APD', ports: 'random' })
    passed(nat.inbound(tcpSegment(remote, outside, syn), 0))
    passed(nat.inbound(tcpSegment(otherHost, outside, syn), 0))
    for (const to of [remote, otherHost]) {
      assert.deepEqual(passed(nat.outbound(tcpSegment(host, to, { syn: true }), 1)).source, outside)
    }
    assert.notDeepEqual(passed(nat.outbound(tcpSegment(host, otherPort, syn), 1)).source, outside)
  })

  it('keep their port from other mappings', () => {
    const nat = createNat({ forwards: [forward] })
    const source = { ...neighbour, port: 8000 }
    assert.notEqual(passed(nat.outbound(tcpSegment(source, remote, syn), 0)).source.port, 8000)
  })

  it('are for their protocol only', () => {
    const nat = createNat({ forwards: [forward] })
    assert.deepEqual(nat.inbound(udp(remote, outside), 0), { drop: 'no-mapping' })
  })
})

describe('1:1 translation', () => {
  const publicAddress = '11.0.0.12'
  const changes = cloudNat({ private: host.address, public: publicAddress })
  const allowed = { address: publicAddress, port: 3000 }

  it('keeps every port, well-known ones too', () => {
    const nat = createNat(changes)
    for (const port of [22, 3000, 50_000]) {
      const outside = outsideOf(nat, { ...host, port }, remote)
      assert.deepEqual(outside, { address: publicAddress, port })
    }
  })

  it('lets in what the security group allows, and nothing else that nobody asked for', () => {
    const nat = createNat(changes)
    const syn = { syn: true, ack: false }
    assert.deepEqual(passed(nat.inbound(tcpSegment(remote, allowed, syn), 0)).destination, host)
    const denied = { ...allowed, port: 3001 }
    assert.deepEqual(nat.inbound(tcpSegment(remote, denied, syn), 0), { drop: 'no-mapping' })
    assert.deepEqual(nat.inbound(udp(remote, allowed), 0), { drop: 'no-mapping' })
  })

  it('lets answers in, from the very endpoint that was asked', () => {
    const nat = createNat(changes)
    const outside = outsideOf(nat, { ...host, port: 5000 }, remote)
    assert.ok('packet' in nat.inbound(udp(remote, outside), 1))
    assert.deepEqual(nat.inbound(udp(otherPort, outside), 1), { drop: 'filtered' })
  })

  it('lets no host out that has no public address', () => {
    const nat = createNat(changes)
    assert.deepEqual(nat.outbound(udp(neighbour, remote), 0), { drop: 'no-outside-address' })
  })
})

describe('hairpinning', () => {
  it('takes a packet to a neighbour by his outside endpoint, from the own outside endpoint', () => {
    const nat = createNat({ hairpin: true, filtering: 'EI' })
    const outside = outsideOf(nat, host, remote)
    const verdict = nat.outbound(udp({ ...neighbour, port: 4444 }, outside), 1)
    const { source, destination } = passed(verdict)
    assert.ok('to' in verdict && verdict.to === 'inside')
    assert.deepEqual(source, { address: outsideAddress, port: 4444 })
    assert.deepEqual(destination, host)
    const answer = passed(nat.outbound(udp(host, source), 2))
    assert.deepEqual(answer.source, outside)
    assert.deepEqual(answer.destination, { ...neighbour, port: 4444 })
    assert.equal(nat.counters.hairpinned, 2)
  })

  it('is filtered as what comes from outside', () => {
    const nat = createNat({ hairpin: true })
    const outside = outsideOf(nat, host, remote)
    assert.deepEqual(nat.outbound(udp(neighbour, outside), 1), { drop: 'filtered' })
  })

  it('does not happen where it is off', () => {
    const nat = createNat({ filtering: 'EI' })
    const outside = outsideOf(nat, host, remote)
    assert.deepEqual(nat.outbound(udp(neighbour, outside), 1), { drop: 'no-hairpin' })
  })
})

describe('ICMP errors', () => {
  it('reach the inside host, about the packet as that host sent it', () => {
    const nat = createNat()
    const sent = tcpSegment(host, remote, { syn: true, ack: false })
    const about = passed(nat.outbound(sent, 0))
    assert.ok(about.protocol === 'tcp')
    const source = { address: '11.0.0.1', port: 0 }
    const destination = { address: outsideAddress, port: 0 }
    const error = {
      protocol: 'icmp',
      source,
      destination,
      kind: 'host-unreachable',
      about,
    } as const
    const translated = passed(nat.inbound(error, 1))
    assert.equal(translated.destination.address, host.address)
    assert.ok(translated.protocol === 'icmp')
    assert.deepEqual(translated.about, sent)
  })
})

describe('another configuration', () => {
  const forwards = [{ protocol: 'tcp' as const, port: 3000, to: host.address, toPort: 3000 }]
  const door = { address: outsideAddress, port: 3000 }
  const syn = (from: Endpoint) => tcpSegment(from, door, { syn: true, ack: false })

  it('closes a port to newcomers, and not to who is there', () => {
    const nat = createNat({ forwards })
    assert.deepEqual(passed(nat.inbound(syn(remote), 0)).destination, host)
    nat.configure(homeNat)
    assert.deepEqual(passed(nat.inbound(syn(remote), 1)).destination, host)
    assert.deepEqual(passed(nat.outbound(tcpSegment(host, remote, {}), 2)).source, door)
    assert.deepEqual(nat.inbound(syn(otherHost), 3), { drop: 'no-mapping' })
  })

  it('opens a port, though a session of before has its place', () => {
    const nat = createNat()
    assert.deepEqual(passed(nat.outbound(tcpSegment(host, remote, { syn: true }), 0)).source, door)
    nat.configure({ ...homeNat, forwards })
    assert.deepEqual(passed(nat.inbound(syn(otherHost), 1)).destination, host)
    assert.deepEqual(passed(nat.inbound(tcpSegment(remote, door, {}), 2)).destination, host)
  })

  it('gives what comes anew a port of its own', () => {
    const nat = createNat()
    const before = outsideOf(nat, host, remote)
    nat.configure({ ...homeNat, ports: 'random', mapping: 'APD' })
    assert.deepEqual(outsideOf(nat, host, remote), before)
    assert.notEqual(outsideOf(nat, host, otherHost).port, before.port)
  })

  it('pairs other addresses', () => {
    const nat = createNat()
    nat.configure(cloudNat({ private: host.address, public: '11.0.0.77' }))
    assert.equal(outsideOf(nat, host, remote).address, '11.0.0.77')
    assert.deepEqual(nat.outbound(udp(neighbour, remote), 1), { drop: 'no-outside-address' })
  })
})
