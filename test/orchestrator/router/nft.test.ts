import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { presetRouters } from '#orchestrator/net/nat-spec.ts'
import type { NatConfig } from '#orchestrator/net/nat.ts'
import type { Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { compileNft } from '#orchestrator/router/nft.ts'
import { forwardsOf, presetPlan } from '#test/orchestrator/proof/preset-plan.ts'

const plan: Plan = presetPlan({ home: { preset: 'port-restricted' } })

function compile(nat: NatConfig): string {
  const router = plan.routers[0] as RouterPlan
  return compileNft({ ...router, nat }, plan.networks)
}

function compilePlan(plan: Plan): string[] {
  return plan.routers.map((router) => compileNft(router, plan.networks))
}

/** The rules of a chain, without its frame; empty where there is no such chain. */
function chain(ruleset: string, name: string): string[] {
  const body = new RegExp(`\\n  chain ${name} \\{\\n([^}]*(?:\\{[^}]*\\}[^}]*)*?)\\n  \\}`).exec(
    ruleset,
  )
  return (body?.[1] ?? '').split('\n').map((line) => line.trim())
}

const dependence = fc.constantFrom('EI' as const, 'AD' as const, 'APD' as const)
const timeoutMs = fc.integer({ min: 1, max: 10_000_000 })
const anyNat: fc.Arbitrary<NatConfig> = fc.record({
  mapping: dependence,
  filtering: dependence,
  ports: fc.constantFrom('preserve' as const, 'random' as const),
  hairpin: fc.boolean(),
  oneToOne: fc.constantFrom([], [{ private: '10.66.1.10', public: '11.66.0.101' }]),
  allow: fc.constantFrom([], [{ protocol: 'udp' as const, port: 3000 }]),
  forwards: fc.constantFrom([], forwardsOf(1)),
  timeouts: fc.record({
    udpMs: timeoutMs,
    tcpEstablishedMs: timeoutMs,
    tcpTransitoryMs: timeoutMs,
  }),
})

describe('compileNft', () => {
  it('replaces its own table and touches no other', () => {
    fc.assert(
      fc.property(anyNat, (nat) => {
        const lines = compile(nat).split('\n')
        assert.deepEqual(lines.slice(1, 4), [
          'table ip kadlab',
          'delete table ip kadlab',
          'table ip kadlab {',
        ])
        assert.equal(lines.filter((line) => line.startsWith('table')).length, 2)
        assert.ok(!lines.some((line) => line.includes('flush')))
      }),
    )
  })

  it('gives the same text for the same router', () => {
    fc.assert(fc.property(anyNat, (nat) => compile(nat) === compile(structuredClone(nat))))
  })

  it('never names an interface, and always shuts what is not translated', () => {
    fc.assert(
      fc.property(anyNat, (nat) => {
        const ruleset = compile(nat)
        assert.doesNotMatch(ruleset, /\b[io]if(name)?\b/)
        assert.match(chain(ruleset, 'forward')[0] ?? '', /policy drop;$/)
        assert.match(chain(ruleset, 'input').at(-1) ?? '', /^ip daddr \{ 11\.66\.0\.1[^}]*\} drop$/)
      }),
    )
  })

  it('lets in only translated packets and answers, whatever the configuration', () => {
    fc.assert(
      fc.property(anyNat, (nat) => {
        const [, ...rules] = chain(compile(nat), 'forward')
        const inward = rules.filter(
          (rule) => rule.endsWith('accept') && !rule.startsWith('ip saddr'),
        )
        for (const rule of inward)
          assert.match(rule, /^ct (status dnat|state established,related) /)
      }),
    )
  })

  it('answers for the public addresses of 1:1 pairs and lets in what the group allows', () => {
    const [ruleset = ''] = compilePlan(presetPlan({ cloud: { preset: 'one-to-one' } }))
    assert.ok(
      ruleset.includes(
        'ip saddr != 10.66.1.0/24 dnat ip to ip daddr map { 11.66.0.101 : 10.66.1.10 }',
      ),
    )
    assert.ok(ruleset.includes('snat ip to ip saddr map { 10.66.1.10 : 11.66.0.101 }'))
    assert.deepEqual(chain(ruleset, 'forward').slice(-2), [
      'ip saddr { 10.66.1.10 } ip daddr != 10.66.1.0/24 accept',
      'ct status dnat tcp dport { 3000 } accept',
    ])
    assert.deepEqual(chain(ruleset, 'input').at(-1), 'ip daddr { 11.66.0.1, 11.66.0.101 } drop')
  })

  it('lets nothing in where the group is empty', () => {
    const [ruleset] = compilePlan(presetPlan({ cloud: { preset: 'one-to-one', allow: [] } }))
    assert.doesNotMatch(ruleset ?? '', /ct status dnat/)
  })

  it('keys mappings by as much of the destination as they depend on', () => {
    const [nat] = presetRouters({ preset: 'symmetric' })
    assert.ok(nat)
    const source = 'ipv4_addr . inet_service'
    for (const [mapping, key] of [
      ['EI', source],
      ['AD', `${source} . ipv4_addr`],
      ['APD', `${source} . ipv4_addr . inet_service`],
    ] as const) {
      const ruleset = compile({ ...nat, mapping })
      assert.match(ruleset, new RegExp(`map outside_udp \\{\\n    type ${key} : `))
    }
  })

  it('prefers the inside port where ports are preserved, and never where they are random', () => {
    const [nat] = presetRouters({ preset: 'full-cone' })
    assert.ok(nat)
    const preserving = 'tcp sport != @taken_tcp snat ip to 11.66.0.1'
    const drawing = 'meta l4proto tcp snat ip to 11.66.0.1:1024-65535 fully-random'
    assert.deepEqual(chain(compile(nat), 'choose_tcp').slice(1), [preserving, drawing])
    const random = compile({ ...nat, ports: 'random' })
    assert.deepEqual(chain(random, 'choose_tcp').slice(1), [drawing])
  })

  it('leads strangers to mappings only where the filter may let them in', () => {
    const rule = 'ip daddr 11.66.0.1 dnat ip to udp dport map @inside_udp'
    for (const [filtering, leads] of [
      ['EI', true],
      ['AD', true],
      ['APD', false],
    ] as const) {
      const [nat] = presetRouters({ preset: 'port-restricted', filtering })
      assert.ok(nat)
      assert.equal(chain(compile(nat), 'dstnat').includes(rule), leads, filtering)
    }
    const [hairpin] = presetRouters({ preset: 'port-restricted', hairpin: true })
    assert.ok(hairpin)
    assert.ok(chain(compile(hairpin), 'dstnat').includes(`ip saddr 10.66.1.0/24 ${rule}`))
  })

  it('forwards ports, and keeps them from every other host', () => {
    const [ruleset = ''] = compilePlan(
      presetPlan({ home: { preset: 'port-forward', forwards: forwardsOf(1) } }),
    )
    assert.ok(
      ruleset.includes('ip daddr 11.66.0.1 dnat ip to tcp dport map { 4000 : 10.66.1.10 . 3000 }'),
    )
    assert.match(ruleset, /set taken_tcp \{[^}]*elements = \{ 4000 \}/)
    assert.match(
      ruleset,
      /map outside_tcp \{[^}]*elements = \{ 10\.66\.1\.10 \. 3000 : 11\.66\.0\.1 \. 4000 \}/,
    )
  })

  it('rounds timeouts up to whole seconds', () => {
    const timeouts = { udpMs: 1, tcpTransitoryMs: 1001, tcpEstablishedMs: 60_000 }
    const [nat] = presetRouters({ preset: 'full-cone', timeouts })
    assert.ok(nat)
    const found = new Set(compile(nat).match(/timeout \d+s/g))
    assert.deepEqual([...found].toSorted(), ['timeout 1s', 'timeout 2s', 'timeout 60s'])
  })
})
