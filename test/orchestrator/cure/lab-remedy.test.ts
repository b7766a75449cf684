import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cell } from '#node/view/cell.ts'
import { patientOf } from '#orchestrator/cure/apply.ts'
import { withLabRemedies } from '#orchestrator/cure/lab-remedy.ts'
import { nextRound } from '#orchestrator/cure/round.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { trueCells } from '#orchestrator/truth/expected-cell.ts'
import { scenarioOf } from '#test/support/scenario-text.ts'

const LAB = `name: t
title: t
sites: { net: { nat: public } }
nodes:
  A: { site: net }
  B: { site: net, bootstrap: [A] }`

const NEIGHBOURS = `name: t
title: t
sites: { net: { nat: public }, home: { nat: one-to-one } }
nodes:
  Boot: { site: net }
  A: { site: home, bootstrap: [Boot] }
  B: { site: home, bootstrap: [A] }
  C: { site: home, bootstrap: [A] }
  D: { site: home, bootstrap: [Boot] }
  E: { site: home, bootstrap: [Boot] }
  F: { site: home, bootstrap: [Boot] }`

const UNKNOWN_CELL = { evidence: null, remedy: null } as Cell

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

  it('name one neighbour through whom the others hear of each other, and not everybody to everybody', () => {
    const [plan] = planScenario(scenarioOf(NEIGHBOURS), { seed: 1, sameSubnets: true })
    const variant = plan?.variants[0]
    assert.ok(plan && variant)
    const red = trueCells(plan, variant).map((each): Cell => ({ ...UNKNOWN_CELL, ...each }))
    const patient = patientOf(plan, variant)
    for (const { observer, target, remedy } of withLabRemedies(patient, red)) {
      for (const action of remedy?.actions ?? []) {
        if (!('set' in action) || typeof action.set['BOOTSTRAP'] !== 'string') continue
        const named = action.set['BOOTSTRAP'].split(',').length
        assert.ok(named <= 2, `${target} at ${observer}: ${action.on} is to join through ${named}`)
      }
    }
    const round = nextRound(patient, red)
    assert.ok(round)
    const { routers, nodes } = round.patient
    const cured = trueCells(
      { networks: plan.networks, routers: [...routers] },
      { nodes: [...nodes] },
    )
    assert.deepEqual(
      cured.filter(({ cause }) => cause !== null),
      [],
    )
  })

  it('start nobody who runs, nor who cannot', () => {
    assert.equal(remedyFor('DIAL_NO_ROUTE', ['A'])?.text.includes('Start B') ?? false, false)
    assert.equal(remedyFor('CANNOT_START', ['B'])?.text.includes('Start B') ?? false, false)
  })
})
