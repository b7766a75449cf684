import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse, stringify } from 'yaml'
import { planLoaded } from '#orchestrator/plan/plan-loaded.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'
import { trueCells } from '#orchestrator/truth/expected-cell.ts'
import { randomScenario } from '../../../scripts/accuracy/random-scenario.ts'

describe('random scenarios', () => {
  it('are the same for the same seed, and others for others', () => {
    assert.deepEqual(randomScenario(7), randomScenario(7))
    assert.notDeepEqual(randomScenario(7).words, randomScenario(8).words)
  })

  it('are scenarios that a file can hold and that can be planned, with every kind of fault among them', () => {
    const causes = new Set<string>()
    for (let seed = 1; seed <= 400; seed++) {
      const text = stringify(randomScenario(seed).words)
      const loaded = readScenario(text, 'drawn.yaml')
      assert.deepEqual(parse(text), randomScenario(seed).words)
      const [plan] = planLoaded(loaded, { seed, sameSubnets: true })
      const variant = plan?.variants[0]
      assert.ok(plan && variant)
      for (const { cause } of trueCells(plan, variant)) causes.add(cause ?? 'dialable')
    }
    const missing = EVERY_KIND.filter((cause) => !causes.has(cause))
    assert.deepEqual(missing, [])
  })
})

const EVERY_KIND = [
  'dialable',
  'CANNOT_START',
  'SAME_IDENTITY',
  'NOT_JOINED',
  'NOT_TOLD',
  'DIAL_REFUSED',
  'DIAL_TIMED_OUT',
  'DIAL_NO_ROUTE',
  'NO_HAIRPIN',
  'WRONG_PEER_ID',
  'CLIENT_MODE',
  'PROTOCOL_MISMATCH',
  'ONLY_PRIVATE_ADDRESSES',
  'ONLY_PUBLIC_ADDRESSES',
  'ADDRESS_REFUSED',
  'ADDRESS_TIMED_OUT',
  'ADDRESS_NO_ROUTE',
  'ADDRESS_NO_HAIRPIN',
  'ADDRESS_WRONG_PORT',
  'ADDRESS_OF_ANOTHER_PEER',
]
