import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { randomScenario } from '../../../scripts/accuracy/random-scenario.ts'
import { Tally } from '../../../scripts/accuracy/tally.ts'
import { fatesOf, isRight, runTrial } from '../../../scripts/accuracy/trial.ts'

/** As many plans as are drawn and run, with their remedies, within this: milliseconds. */
const BUDGET_MS = 45_000
const FIRST_SEED = 20_000

describe('causes and remedies on random plans', () => {
  it('are those of the ground truth, and cure', async (t) => {
    const { signal } = new AbortController()
    const tally = new Tally(FIRST_SEED)
    const startedAt = performance.now()
    for (let seed = FIRST_SEED; performance.now() - startedAt < BUDGET_MS; seed++) {
      const trial = await runTrial(randomScenario(seed).scenario, { seed, signal })
      tally.add(trial)
      for (const verdict of trial.runs.flat()) {
        const { truth, cell } = verdict
        assert.ok(isRight(verdict), `plan ${seed}: ${JSON.stringify(truth)}, seen ${cell?.cause}`)
      }
      const { fates, worse } = fatesOf(trial)
      assert.ok(!fates.includes('failed') && worse === 0, `plan ${seed}: ${fates.join()}, ${worse}`)
    }
    const { plans, cells } = tally.report()
    assert.ok(plans > 0)
    t.diagnostic(`${plans} plans, ${cells} cells`)
  })
})
