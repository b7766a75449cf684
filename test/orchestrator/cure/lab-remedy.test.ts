import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cell } from '#node/view/cell.ts'
import { patientOf } from '#orchestrator/cure/apply.ts'
import { withLabRemedies } from '#orchestrator/cure/lab-remedy.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

const LAB = `name: t
title: t
sites: { net: { nat: public } }
nodes:
  A: { site: net }
  B: { site: net, bootstrap: [A] }`

function remedyFor(cause: Cell['cause'], stopped: string[]): Cell['remedy'] {
  const [plan] = planScenario(scenarioOf(LAB), { seed: 1, sameSubnets: true })
  const variant = plan?.variants[0]
  assert.ok(plan && variant)
  const cell = { observer: 'A', target: 'B', rung: 'unknown', cause, remedy: null } as Cell
  return withLabRemedies(patientOf(plan, variant), [cell], new Set(stopped))[0]?.remedy ?? null
}

describe('remedies of a lab', () => {
  it('start who does not run, whatever the dial of its address says', () => {
    assert.deepEqual(remedyFor('DIAL_NO_ROUTE', ['B']), {
      on: 'target',
      text: 'Start B: it does not run.',
      actions: [{ on: 'B', start: true }],
    })
  })

  it('look at the target that joins through the observer and never came', () => {
    assert.match(
      remedyFor('NEVER_DIALLED', [])?.text ?? '',
      /^See the log of B, or its router: it joins through A, and never reached it/,
    )
  })

  it('start nobody who runs, nor who cannot', () => {
    assert.equal(remedyFor('DIAL_NO_ROUTE', ['A'])?.text.includes('Start B') ?? false, false)
    assert.equal(remedyFor('CANNOT_START', ['B'])?.text.includes('Start B') ?? false, false)
  })
})
