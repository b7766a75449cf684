import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NAT_PRESETS, RFC_TIMEOUTS, isNatPresetName } from '#orchestrator/net/nat-presets.ts'
import type { NatPresetName } from '#orchestrator/net/nat-presets.ts'
import { NatSpecError, presetRouters } from '#orchestrator/net/nat-spec.ts'
import type { NatSpec } from '#orchestrator/net/nat-spec.ts'

/** The design's table: mapping, filtering, ports, hairpin of each router, from inside to outside. */
const DESIGN: Record<NatPresetName, [string, string, string, boolean][]> = {
  public: [],
  'one-to-one': [['EI', 'EI', 'preserve', false]],
  'port-forward': [['EI', 'APD', 'preserve', true]],
  'full-cone': [['EI', 'EI', 'preserve', false]],
  'address-restricted': [['EI', 'AD', 'preserve', false]],
  'port-restricted': [['EI', 'APD', 'preserve', false]],
  symmetric: [['APD', 'APD', 'random', false]],
  cgnat: [
    ['EI', 'APD', 'preserve', false],
    ['EI', 'APD', 'random', false],
  ],
}

describe('NAT presets', () => {
  for (const [preset, expected] of Object.entries(DESIGN)) {
    it(`makes ${preset} what the table says`, () => {
      assert.ok(isNatPresetName(preset))
      const routers = presetRouters({ preset })
      assert.deepEqual(
        routers.map((nat) => [nat.mapping, nat.filtering, nat.ports, nat.hairpin]),
        expected,
      )
    })
  }

  it('opens TCP 3000 of one-to-one by default, and nothing else of anything', () => {
    assert.deepEqual(presetRouters({ preset: 'one-to-one' })[0]?.allow, [
      { protocol: 'tcp', port: 3000 },
    ])
    for (const preset of Object.keys(NAT_PRESETS) as NatPresetName[]) {
      for (const nat of presetRouters({ preset })) {
        assert.deepEqual(nat.forwards, [])
        assert.deepEqual(nat.timeouts, RFC_TIMEOUTS)
        if (preset !== 'one-to-one') assert.deepEqual(nat.allow, [])
      }
    }
  })

  it('gives the pairs to one-to-one only', () => {
    const pairs = [{ private: '10.0.0.4', public: '11.0.0.12' }]
    assert.deepEqual(presetRouters({ preset: 'one-to-one' }, pairs)[0]?.oneToOne, pairs)
    assert.deepEqual(presetRouters({ preset: 'full-cone' }, pairs)[0]?.oneToOne, [])
  })

  it('overrides each part of a preset, and those of a carrier apart', () => {
    const forwards = [{ protocol: 'udp', port: 4000, to: '10.0.0.9', toPort: 3000 } as const]
    const [home, carrier] = presetRouters({
      preset: 'cgnat',
      mapping: 'AD',
      filtering: 'EI',
      ports: 'random',
      hairpin: true,
      forwards,
      timeouts: { udpMs: 5000 },
      carrier: { mapping: 'APD' },
    })
    assert.deepEqual(home, {
      mapping: 'AD',
      filtering: 'EI',
      ports: 'random',
      hairpin: true,
      oneToOne: [],
      allow: [],
      forwards,
      timeouts: { ...RFC_TIMEOUTS, udpMs: 5000 },
    })
    assert.equal(carrier?.mapping, 'APD')
    assert.equal(carrier?.filtering, 'APD')
    assert.deepEqual(carrier?.forwards, [])
  })

  it('hands out copies, so that one plan cannot change another', () => {
    presetRouters({ preset: 'one-to-one' })[0]?.allow.push({ protocol: 'udp', port: 1 })
    assert.equal(presetRouters({ preset: 'one-to-one' })[0]?.allow.length, 1)
  })

  const impossible: [NatSpec, keyof NatSpec][] = [
    [{ preset: 'public', mapping: 'EI' }, 'mapping'],
    [{ preset: 'public', carrier: {} }, 'carrier'],
    [{ preset: 'symmetric', carrier: {} }, 'carrier'],
    [{ preset: 'one-to-one', mapping: 'APD' }, 'mapping'],
    [{ preset: 'one-to-one', ports: 'random' }, 'ports'],
    [{ preset: 'one-to-one', filtering: 'AD' }, 'filtering'],
    [{ preset: 'one-to-one', hairpin: true }, 'hairpin'],
    [{ preset: 'one-to-one', forwards: [] }, 'forwards'],
    [{ preset: 'one-to-one', allow: [{ protocol: 'tcp', port: 0 }] }, 'allow'],
    [{ preset: 'full-cone', allow: [] }, 'allow'],
    [{ preset: 'cgnat', carrier: { allow: [] } }, 'allow'],
    [{ preset: 'full-cone', timeouts: { udpMs: 0 } }, 'timeouts'],
    [
      {
        preset: 'port-forward',
        forwards: [
          { protocol: 'tcp', port: 3000, to: '10.0.0.4', toPort: 3000 },
          { protocol: 'tcp', port: 3000, to: '10.0.0.5', toPort: 3000 },
        ],
      },
      'forwards',
    ],
  ]
  for (const [spec, key] of impossible) {
    it(`refuses ${JSON.stringify(spec)} and names '${key}'`, () => {
      assert.throws(
        () => presetRouters(spec),
        (thrown) => thrown instanceof NatSpecError && thrown.key === key,
      )
    })
  }
})
