import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseProbePorts } from '#orchestrator/proof/probe-ports.ts'
import { firstHostOf, presetPlan } from './preset-plan.ts'

describe('the ports of a NAT proof', () => {
  it('are none that a rule speaks of, on either side of a forward', () => {
    const to = firstHostOf(1)
    const forwards = [
      { protocol: 'tcp' as const, port: 20_005, to, toPort: 3000 },
      { protocol: 'udp' as const, port: 4000, to, toPort: 20_115 },
    ]
    const { routers } = presetPlan({ home: { preset: 'port-forward', forwards } })
    const { reflectors, mapping, filtering, hairpin, shut } = chooseProbePorts(routers)
    assert.deepEqual(
      [...reflectors, mapping, filtering, ...hairpin, shut],
      [20_201, 20_202, 20_211, 20_212, 20_213, 20_214, 20_215],
    )
  })
})
