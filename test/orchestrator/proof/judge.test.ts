import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NatSpec } from '#orchestrator/net/nat-spec.ts'
import type { RouterPlan } from '#orchestrator/plan/plan-type.ts'
import type { Endpoint } from '#orchestrator/probe/probe-agent.ts'
import { type Measurement, expectBehaviour, judgeRouter } from '#orchestrator/proof/judge.ts'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'
import { presetPlan } from './preset-plan.ts'

function routerOf(spec: NatSpec): RouterPlan {
  return presetPlan({ home: spec }).routers[0] as RouterPlan
}

const portRestricted = routerOf({ preset: 'port-restricted' })

function at(port: number): Endpoint {
  return { address: '11.0.0.1', port }
}

/** What a port-restricted router shows. */
const SEEN: Measurement = {
  seenAs: [
    [at(4000), at(4000)],
    [at(4000), at(4000)],
  ],
  localPort: 4000,
  fromSameAddress: false,
  fromOtherAddress: false,
  hairpinned: false,
  gates: [],
}

function judge(seen: Partial<Measurement>): NatProof {
  return judgeRouter(portRestricted, 'udp', { ...SEEN, ...seen })
}

describe('judgeRouter', () => {
  it('holds where everything is as configured', () => {
    assert.deepEqual(judge({}), {
      router: 'home-router',
      preset: 'port-restricted',
      protocol: 'udp',
      mapping: 'EI',
      filtering: 'APD',
      hairpin: false,
      portPreservation: true,
      holds: true,
      differences: [],
    })
  })

  for (const [mapping, ports] of [
    [
      'AD',
      [
        [1, 1],
        [2, 2],
      ],
    ],
    [
      'APD',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'APD',
      [
        [1, 1],
        [2, 3],
      ],
    ],
    [
      'APD',
      [
        [1, 2],
        [1, 2],
      ],
    ],
  ] as const) {
    it(`calls outside ports ${JSON.stringify(ports)} ${mapping} mapping`, () => {
      const proof = judge({ seenAs: ports.map((each) => each.map(at)) })
      assert.equal(proof.mapping, mapping)
      assert.ok(proof.differences.includes(`mapping: expected EI, measured ${mapping}`))
      assert.equal(proof.holds, false)
    })
  }

  it('takes another outside address for another mapping', () => {
    const other = { address: '11.0.0.2', port: 4000 }
    const proof = judge({ seenAs: [SEEN.seenAs[0] ?? [], [other, other]] })
    assert.equal(proof.mapping, 'AD')
  })

  for (const [fromSameAddress, fromOtherAddress, filtering] of [
    [true, true, 'EI'],
    [true, false, 'AD'],
    [false, true, null],
    [null, null, null],
  ] as const) {
    it(`calls what comes in from the same (${fromSameAddress}) and another address (${fromOtherAddress}) ${filtering} filtering`, () => {
      const proof = judge({ fromSameAddress, fromOtherAddress })
      assert.equal(proof.filtering, filtering)
      assert.equal(proof.holds, false)
    })
  }

  it('tells what could not be measured, and does not let it pass', () => {
    const proof = judge({
      seenAs: [
        [at(4000), null],
        [at(4000), at(4000)],
      ],
      hairpinned: null,
    })
    assert.equal(proof.mapping, null)
    assert.equal(proof.portPreservation, null)
    assert.equal(proof.hairpin, null)
    assert.deepEqual(proof.differences, [
      'mapping: expected EI, it could not be measured',
      'hairpinning: expected no, it could not be measured',
      'port preservation: expected yes, it could not be measured',
    ])
  })

  it('sees other outside ports than the inside one', () => {
    const proof = judge({ localPort: 4001 })
    assert.equal(proof.portPreservation, false)
    assert.deepEqual(proof.differences, ['port preservation: expected yes, measured no'])
  })

  it('names ports that are shut and should not be, and the other way round', () => {
    const proof = judge({
      gates: [
        { port: 3000, open: true, arrived: false },
        { port: 3001, open: false, arrived: true },
        { port: 3002, open: true, arrived: true },
      ],
    })
    assert.deepEqual(proof.differences, [
      'udp port 3000: expected to be open, nothing came in',
      'udp port 3001: expected to be shut, a stranger came in',
    ])
  })
})

describe('expectBehaviour', () => {
  it('expects a security group to let in strangers for the protocols that it lists only', () => {
    const { nat } = routerOf({ preset: 'one-to-one' })
    assert.equal(expectBehaviour(nat, 'tcp').filtering, 'EI')
    assert.equal(expectBehaviour(nat, 'udp').filtering, 'APD')
  })

  it('leaves open whether a router hairpins that lets nobody be reached at an outside endpoint', () => {
    for (const hairpin of [true, false]) {
      const symmetric = routerOf({ preset: 'symmetric', hairpin })
      assert.equal(expectBehaviour(symmetric.nat, 'tcp').hairpin, null)
      const full = routerOf({ preset: 'symmetric', filtering: 'EI', hairpin })
      assert.equal(expectBehaviour(full.nat, 'tcp').hairpin, hairpin)
    }
  })

  it('expects no preserved port where one inside port has several mappings', () => {
    const { nat } = routerOf({ preset: 'symmetric', ports: 'preserve' })
    assert.equal(expectBehaviour(nat, 'tcp').portPreservation, false)
  })
})
