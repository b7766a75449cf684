import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { Nat } from '#orchestrator/fabric/sim/nat.ts'
import { formatEndpoint, type UdpDatagram } from '#orchestrator/fabric/sim/packet.ts'
import { createRandom } from '#orchestrator/fabric/sim/random.ts'
import type { NatConfig } from '#orchestrator/net/nat.ts'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'
import { homeNat } from './plans.ts'

/** Few of each, so that they meet. */
const inside = fc.record<Endpoint>({
  address: fc.constantFrom('10.0.0.4', '10.0.0.5', '10.0.0.6'),
  port: fc.constantFrom(80, 3000, 3001),
})
const remote = fc.record<Endpoint>({
  address: fc.constantFrom('11.0.0.98', '11.0.0.99'),
  port: fc.constantFrom(4000, 4001),
})
const dependence = fc.constantFrom('EI', 'AD', 'APD')
const configs = fc
  .record({
    mapping: dependence,
    filtering: dependence,
    ports: fc.constantFrom('preserve', 'random'),
  })
  .map((changes): NatConfig => ({ ...homeNat, ...changes }))

/** One packet from inside, or one from outside to an outside port that was given out before (`pick` chooses which). */
const traffic = fc.array(
  fc.record({
    direction: fc.constantFrom('out', 'out', 'in'),
    inside,
    remote,
    pick: fc.nat(20),
    afterMs: fc.constantFrom(0, 1, 1000, 70_000, 130_000),
  }),
  { minLength: 1, maxLength: 60 },
)

function udp(source: Endpoint, destination: Endpoint): UdpDatagram {
  return { protocol: 'udp', source, destination, payload: new Uint8Array() }
}

interface Sent {
  nowMs: number
  inside: Endpoint
  remote: Endpoint
  outside: Endpoint
}

/** Plays traffic, and tells of each packet that went out, and of each that was let in. */
function play(
  config: NatConfig,
  packets: typeof traffic extends fc.Arbitrary<infer Packets> ? Packets : never,
  on: {
    out?: (sent: Sent, before: Sent[]) => void
    in?: (
      from: Endpoint,
      outside: Endpoint,
      inside: Endpoint,
      before: Sent[],
      nowMs: number,
    ) => void
  },
): void {
  const random = createRandom(7, 'property')
  const nat = new Nat(config, { outsideAddress: '11.0.0.1', random })
  const before: Sent[] = []
  let nowMs = 0
  for (const packet of packets) {
    nowMs += packet.afterMs
    if (packet.direction === 'out') {
      const verdict = nat.outbound(udp(packet.inside, packet.remote), nowMs)
      assert.ok('packet' in verdict)
      const { inside, remote } = packet
      const sent = { nowMs, inside, remote, outside: verdict.packet.source }
      on.out?.(sent, before)
      before.push(sent)
    } else {
      const outside = before[packet.pick % Math.max(1, before.length)]?.outside
      if (outside === undefined) continue
      const verdict = nat.inbound(udp(packet.remote, outside), nowMs)
      if ('drop' in verdict) continue
      on.in?.(packet.remote, outside, verdict.packet.destination, before, nowMs)
      // What was let in keeps the mapping alive, as an answer would.
      before.push({ nowMs, inside: verdict.packet.destination, remote: packet.remote, outside })
    }
  }
}

function isAlive(sent: Sent, nowMs: number): boolean {
  return nowMs - sent.nowMs < homeNat.timeouts.udpMs
}

describe('NAT, by the definitions of RFC 4787', () => {
  it('maps one inside endpoint to one outside endpoint for all that its mapping does not depend on', () => {
    fc.assert(
      fc.property(configs, traffic, (config, packets) => {
        play(config, packets, {
          out: (sent, before) => {
            const same = before.find(
              (earlier) =>
                isAlive(earlier, sent.nowMs) &&
                formatEndpoint(earlier.inside) === formatEndpoint(sent.inside) &&
                (config.mapping === 'EI' || earlier.remote.address === sent.remote.address) &&
                (config.mapping !== 'APD' || earlier.remote.port === sent.remote.port),
            )
            // An answer to what a filter let in leaves by the mapping through which it came, so a dependent mapping
            // is compared only where no such flow stands in between.
            if (same !== undefined && (config.mapping === 'EI' || config.filtering === 'APD')) {
              assert.deepEqual(sent.outside, same.outside)
            }
          },
        })
      }),
    )
  })

  it('never lets two inside endpoints share an outside endpoint', () => {
    fc.assert(
      fc.property(configs, traffic, (config, packets) => {
        play(config, packets, {
          out: (sent, before) => {
            for (const earlier of before) {
              if (!isAlive(earlier, sent.nowMs)) continue
              if (formatEndpoint(earlier.inside) === formatEndpoint(sent.inside)) continue
              assert.notDeepEqual(sent.outside, earlier.outside)
            }
          },
        })
      }),
    )
  })

  it('never lets in what its filter keeps out', () => {
    fc.assert(
      fc.property(configs, traffic, (config, packets) => {
        play(config, packets, {
          in: (from, outside, inside, before, nowMs) => {
            const asked = before.filter(
              (sent) =>
                isAlive(sent, nowMs) && formatEndpoint(sent.outside) === formatEndpoint(outside),
            )
            assert.ok(asked.length > 0)
            assert.ok(asked.every((sent) => formatEndpoint(sent.inside) === formatEndpoint(inside)))
            if (config.filtering === 'EI') return
            const known = asked.filter((sent) => sent.remote.address === from.address)
            assert.ok(known.length > 0)
            if (config.filtering === 'AD') return
            assert.ok(known.some((sent) => sent.remote.port === from.port))
          },
        })
      }),
    )
  })

  it('gives ports by its policy, and no well-known one', () => {
    fc.assert(
      fc.property(configs, traffic, (config, packets) => {
        play(config, packets, {
          out: (sent, before) => {
            const { port } = sent.outside
            assert.ok(port >= 1024 && port <= 65_535)
            if (config.ports === 'random') assert.notEqual(port, sent.inside.port)
            else if (before.length === 0 && sent.inside.port >= 1024) {
              assert.equal(port, sent.inside.port)
            }
          },
        })
      }),
    )
  })
})
