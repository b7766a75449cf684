// npm run accuracy -- [--plans N] [--seed S] [--json]: holds causes and remedies against the ground truth.
import { parseArgs } from 'node:util'
import type { Cell } from '#node/view/cell.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { trueCells, type TrueCell } from '#orchestrator/truth/expected-cell.ts'
import { randomScenario } from './random-scenario.ts'
import { settledCells } from './settle.ts'

const { values } = parseArgs({
  options: {
    plans: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '12' },
    verbose: { type: 'boolean', default: false },
  },
})
const plans = Number(values.plans)
const firstSeed = Number(values.seed)
const signal = new AbortController().signal
const confusion = new Map<string, number>()
let cellsSeen = 0
let wrong = 0
const seeds = Array.from({ length: plans }, (_, i) => firstSeed + i).values()
const started = Date.now()
async function work() {
  for (const seed of seeds) {
    const { scenario } = randomScenario(seed)
    let plan
    try {
      ;[plan] = planScenario(scenario, { seed, sameSubnets: true })
    } catch (error) {
      console.log(seed, 'cannot be planned', String(error))
      continue
    }
    const variant = plan?.variants[0]
    if (plan === undefined || variant === undefined) continue
    const truth = trueCells(plan, variant)
    const find = (cells: readonly Cell[], t: TrueCell) =>
      cells.find((c) => c.observer === t.observer && c.target === t.target)
    try {
      let good = 0
      const cells = await settledCells(createSimFabric(), plan, variant, {
        signal,
        maxMs: 32000,
        pollMs: 3000,
        wait: (ms) => new Promise((r) => setTimeout(r, ms)),
        isSettled: (cells, atMs) => {
          if (atMs < 6000) return false
          const ok = truth.every((t) => find(cells, t)?.cause === t.cause)
          good = ok ? good + 1 : 0
          return good >= 2
        },
      })
      for (const t of truth) {
        cellsSeen++
        const c = find(cells, t)
        const seen = c === undefined ? 'no cell' : (c.cause ?? 'dialable')
        const want = t.cause ?? 'dialable'
        if (seen === want) continue
        wrong++
        const key = `${want} seen as ${seen}`
        confusion.set(key, (confusion.get(key) ?? 0) + 1)
        if (values.verbose)
          console.log(seed, t.observer, t.target, key, JSON.stringify(c?.evidence))
      }
    } catch (error) {
      console.log(seed, 'failed', error)
    }
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work))
console.log({ cellsSeen, wrong, ms: Date.now() - started })
for (const [key, n] of [...confusion].toSorted((a, b) => b[1] - a[1])) console.log(n, key)
process.exit(0)
