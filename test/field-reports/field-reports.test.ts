import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scenarioOf } from '#test/support/scenario-text.ts'
import { fatesOf, isRight, runTrial } from '../../scripts/accuracy/trial.ts'
import { FIELD_CASES } from './cases.ts'

const { signal } = new AbortController()

describe('networks of field reports, on the simulated network', () => {
  for (const { title, yaml, causes, incurable = [] } of FIELD_CASES) {
    it(title, async () => {
      const scenario = scenarioOf(`name: field\ntitle: field\n${yaml}`)
      const trial = await runTrial(scenario, { seed: 1, signal })
      const [first = [], ...rounds] = trial.runs
      const seen = first.map(({ truth: { observer, target }, cell }) => [
        `${target} at ${observer}`,
        cell?.cause ?? 'dialable',
      ])
      const all = Object.fromEntries(seen) as Record<string, string>
      for (const [pair, cause] of Object.entries(causes)) assert.equal(all[pair], cause, pair)
      assert.deepEqual(
        trial.runs.flat().filter((verdict) => !isRight(verdict)),
        [],
      )
      const { fates, worse } = fatesOf(trial)
      assert.equal(worse, 0)
      assert.ok(!fates.includes('failed'), JSON.stringify(fates))
      const last = rounds.at(-1) ?? first
      const left = last.filter(({ cell }) => cell?.cause !== null)
      assert.deepEqual(
        left.map(({ truth: { observer, target } }) => `${target} at ${observer}`).toSorted(),
        incurable.toSorted(),
      )
    })
  }
})
