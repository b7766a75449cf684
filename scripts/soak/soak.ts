// npm run soak -- [--seeds N] [--from S]: the store under random writes and random faults in simulated time, each run drawn
// from a seed. Ends with 1 where a promise was not kept, and prints the command that runs that seed again.
import { describeError } from '#node/base/errors.ts'
import { readWords } from '../words.ts'
import { recoverySeed } from './recovery.ts'
import { type Canary, soakSeed } from './soak-seed.ts'

const CANARIES: readonly Canary[] = ['none', 'all-at-once', 'stale-reader']

const USAGE = `
Usage: npm run soak -- [--seeds N] [--from S] [--steps N] [--canary ${CANARIES.join('|')}]
       npm run soak -- --recovery [--seeds N] [--from S] [--nodes N] [--canary none|lost]

Runs the store under random writes, reads and faults in simulated time, N runs from seed S on, and holds what clients saw against
what the store promises: no acknowledged write lost, no value that was never written, no version going back at a reader, what is
deleted stays deleted; once faults stop, everybody is listed and reads the newest within 10 simulated minutes. One line a seed: go
on with --from after an interruption. --canary plants a fault beyond the promise, which must be noticed.
With --recovery a crowd of servers and clients (50 unless --nodes says otherwise) joins while nodes stand still, crash and are cut off;
once that ends, everybody lists every server within 30 simulated seconds.
Exit status: 0 all was kept, 1 a promise was broken, 2 wrong use, 3 a run could not be made, 130 interrupted.
`

interface Told {
  readonly what: string
  readonly faults: readonly string[]
  /** Options that this run had, beside its seed. */
  readonly words: string
}

const { values } = readWords(USAGE, {
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    steps: { type: 'string', default: '120' },
    canary: { type: 'string', default: 'none' },
    recovery: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '50' },
  },
})
const [seeds, from, steps, nodes] = [
  wholeNumber('seeds', values.seeds),
  wholeNumber('from', values.from),
  wholeNumber('steps', values.steps),
  wholeNumber('nodes', values.nodes),
]
const runSeed = values.recovery ? recover : keepRecords
if (values.recovery && !['none', 'lost'].includes(values.canary)) wrongUse('canary', values.canary)
if (values.recovery && nodes < 4) wrongUse('nodes', values.nodes)
const canary = values.recovery
  ? 'none'
  : (CANARIES.find((each) => each === values.canary) ?? wrongUse('canary', values.canary))

const interrupted = new AbortController()
process.on('SIGINT', () => interrupted.abort())
let broken = 0
for (let seed = from; seed < from + seeds && !interrupted.signal.aborted; seed += 1) {
  try {
    const { what, faults, words } = await runSeed(seed)
    console.log(`${faults.length === 0 ? 'held  ' : 'BROKEN'} seed ${seed}: ${what}`)
    if (faults.length === 0) continue
    broken += 1
    for (const fault of faults.slice(0, 10)) console.log(`       ${fault}`)
    console.log(`       again: npm run soak -- --from ${seed} --seeds 1 ${words}`)
  } catch (error) {
    console.error(`seed ${seed} could not be run: ${describeError(error)}`)
    process.exit(3)
  }
}
console.log(`${broken} of the seeds broke a promise`)
process.exit(broken > 0 ? 1 : interrupted.signal.aborted ? 130 : 0)

async function keepRecords(seed: number): Promise<Told> {
  const options = { canary, steps }
  const { faults, acknowledged, reads, nodeFaults, simulatedMs } = await soakSeed(seed, options)
  const seconds = Math.round(simulatedMs / 1000)
  const what = `${acknowledged} writes, ${reads} reads, ${nodeFaults} faults in ${seconds} s`
  return { what, faults, words: `--steps ${steps}` }
}

async function recover(seed: number): Promise<Told> {
  const planted = values.canary === 'lost' ? 'lost' : 'none'
  const { faults, healedMs, missing } = await recoverySeed(seed, { nodes, canary: planted })
  const healed = healedMs === null ? 'not healed' : `healed within ${healedMs / 1000} s`
  const what = `${nodes} nodes, ${faults} faults, ${healed}`
  return { what, faults: missing, words: `--recovery --nodes ${nodes}` }
}

function wholeNumber(name: string, text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : wrongUse(name, text)
}

function wrongUse(name: string, text: string): never {
  console.error(`--${name} cannot be ${JSON.stringify(text)}\n\n${USAGE.trim()}`)
  process.exit(2)
}
