import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applied, merged, type Patient, patientOf } from '#orchestrator/cure/apply.ts'
import { prescribe } from '#orchestrator/cure/prescribe.ts'
import { MAX_ROUNDS } from '#orchestrator/cure/round.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { type TrueCell, trueCells } from '#orchestrator/truth/expected-cell.ts'
import { randomScenario } from '../../../scripts/accuracy/random-scenario.ts'

function cellsOf({ networks, routers, nodes }: Patient): TrueCell[] {
  return trueCells({ networks, routers: [...routers] }, { nodes: [...nodes] })
}

function nameOf({ observer, target }: { observer: string; target: string }): string {
  return `${target} at ${observer}`
}

describe('remedies, by the ground truth', () => {
  it('cure every pair within three rounds or say why nothing does, and make none worse', () => {
    let cured = 0
    for (let seed = 5000; seed < 5100; seed++) {
      const [plan] = planScenario(randomScenario(seed).scenario, { seed, sameSubnets: true })
      const variant = plan?.variants[0]
      assert.ok(plan && variant)
      let patient = patientOf(plan, variant)
      const first = cellsOf(patient)
      for (let round = 0; ; round++) {
        const red = cellsOf(patient).filter(({ cause }) => cause !== null)
        const prescriptions = prescribe(patient, red)
        const actions = merged(prescriptions.flatMap((each) => each.actions))
        if (actions.length === 0) {
          const without = prescriptions.filter(({ none }) => none === null)
          assert.deepEqual(without.map(nameOf), [], `plan ${seed}: red without a reason`)
          break
        }
        assert.ok(round < MAX_ROUNDS, `plan ${seed} takes more than ${MAX_ROUNDS} rounds`)
        patient = applied(patient, actions)
      }
      const last = cellsOf(patient)
      const worse = last.filter(
        (cell) =>
          cell.cause !== null &&
          first.some((before) => before.cause === null && nameOf(before) === nameOf(cell)),
      )
      assert.deepEqual(worse, [], `plan ${seed}: made worse`)
      cured += last.filter(({ cause }) => cause === null).length
    }
    assert.ok(cured > 500, String(cured))
  })
})
