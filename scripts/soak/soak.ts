// npm run soak -- [--seeds N] [--from S]: the store under random writes and random faults in simulated time, each run drawn
// from a seed. Ends with 1 where a promise was not kept, and prints the command that runs that seed again.
import { describeError } from '#node/base/errors.ts'
import { readWords } from '../base/words.ts'
import { fuzzSeed } from './fuzz/fuzz-seed.ts'
import { Progress } from './progress.ts'
import { recoverySeed } from './recovery.ts'
import { soakSeed } from './soak-seed.ts'
import { STORE_CANARIES } from './store/planted.ts'
import { storeSeed } from './store/store-seed.ts'

const STORE = ['none', ...STORE_CANARIES] as const
const WHOLE = ['none', 'all-at-once', 'stale-reader'] as const
const RECOVERY = ['none', 'lost'] as const

const USAGE = `
Usage: npm run soak -- [--seeds N] [--from S] [--steps N] [--progress FILE] [--canary ${STORE.join('|')}]
       npm run soak -- --whole [--seeds N] [--from S] [--steps N] [--progress FILE] [--canary ${WHOLE.join('|')}]
       npm run soak -- --fuzz [--seeds N] [--from S] [--steps N] [--progress FILE]
       npm run soak -- --recovery [--seeds N] [--from S] [--nodes N] [--progress FILE] [--canary ${RECOVERY.join('|')}]

Runs the store under random writes, reads and faults in simulated time, N runs from seed S on, and holds what clients saw against
what the store promises: no acknowledged write lost, no value that was never written, no version going back at a reader, what is
deleted stays deleted; once faults stop, everybody is listed and reads the newest within 10 simulated minutes. Faults: partitions
with writes on both sides, machines that stand still, kill -9 in the middle of a put, everybody restarted, machines lost with their
disks (fewer than have copies), leaving one by one, all of them replaced within an hour, a clock that goes back a day, full disks.
The network is a light one, of messages alone: a fifth of a second a seed. With --whole it is whole nodes over the
simulated internet: some seconds a seed, and fewer kinds of faults.
With --fuzz a node is given records, messages and answers of other peers, HTTP requests and environments that are right, or wrong in any
way, --steps of each: nothing but what is right is taken, and what is refused has a reason.
With --recovery a crowd of servers and clients (50 unless --nodes says otherwise) joins while nodes stand still, crash and are cut off;
once that ends, everybody lists every server within 30 simulated seconds.
One line a seed. With --progress the same command goes on after an interruption. --canary plants a fault beyond the promise, which
must be noticed.
Exit status: 0 all was kept, 1 a promise was broken, 2 wrong use, 3 a run could not be made, 130 interrupted.
`

interface Told {
  readonly what: string
  readonly faults: readonly string[]
}

const { values } = readWords(USAGE, {
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    steps: { type: 'string' },
    canary: { type: 'string', default: 'none' },
    whole: { type: 'boolean', default: false },
    fuzz: { type: 'boolean', default: false },
    recovery: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '50' },
    progress: { type: 'string' },
  },
})
const [seeds, from, nodes] = [
  wholeNumber('seeds', values.seeds),
  wholeNumber('from', values.from),
  wholeNumber('nodes', values.nodes),
]
const steps = wholeNumber(
  'steps',
  values.steps ?? (values.fuzz ? '5000' : values.whole ? '120' : '60'),
)
if (values.recovery && nodes < 4) wrongUse('nodes', values.nodes)
const { runSeed, words } = values.recovery
  ? recover(oneOf(RECOVERY))
  : values.whole
    ? keepWhole(oneOf(WHOLE))
    : values.fuzz
      ? fuzz()
      : keepRecords(oneOf(STORE))

const interrupted = new AbortController()
process.on('SIGINT', () => interrupted.abort())
const progress = readProgress()
if (progress.next > from) console.log(`goes on with seed ${progress.next}`)
for (let seed = progress.next; seed < from + seeds && !interrupted.signal.aborted; seed += 1) {
  try {
    const { what, faults } = await runSeed(seed)
    const isBroken = faults.length > 0
    const count = `${seed - from + 1}/${seeds}`
    console.log(`${isBroken ? 'BROKEN' : 'held  '} ${count} seed ${seed}: ${what}`)
    progress.done(seed, isBroken)
    if (!isBroken) continue
    for (const fault of faults.slice(0, 10)) console.log(`       ${fault}`)
    console.log(`       again: ${again(seed)}`)
  } catch (error) {
    console.error(`seed ${seed} could not be run: ${describeError(error)}`)
    console.error(`       again: ${again(seed)}`)
    process.exit(3)
  }
}
const { broken } = progress
const which = broken.length === 0 ? '' : `: ${broken.slice(0, 20).join(', ')}`
console.log(`${broken.length} of the seeds broke a promise${which}`)
process.exit(broken.length > 0 ? 1 : interrupted.signal.aborted ? 130 : 0)

interface Soak {
  readonly runSeed: (seed: number) => Promise<Told>
  /** Its options, beside seeds and progress. */
  readonly words: string
}

function keepRecords(canary: (typeof STORE)[number]): Soak {
  return {
    words: `--steps ${steps}${planted(canary)}`,
    async runSeed(seed) {
      const outcome = await storeSeed(seed, { canary, steps })
      const { faults, acknowledged, reads, happened, simulatedMs } = outcome
      const kinds = [...happened].map(([kind, count]) => `${count} ${kind}`).join(', ')
      const seconds = Math.round(simulatedMs / 1000)
      return { faults, what: `${acknowledged} writes, ${reads} reads in ${seconds} s; ${kinds}` }
    },
  }
}

function keepWhole(canary: (typeof WHOLE)[number]): Soak {
  return {
    words: `--whole --steps ${steps}${planted(canary)}`,
    async runSeed(seed) {
      const outcome = await soakSeed(seed, { canary, steps })
      const { faults, acknowledged, reads, nodeFaults, simulatedMs } = outcome
      const seconds = Math.round(simulatedMs / 1000)
      const what = `${acknowledged} writes, ${reads} reads, ${nodeFaults} faults in ${seconds} s`
      return { faults, what }
    },
  }
}

function fuzz(): Soak {
  return {
    words: `--fuzz --steps ${steps}`,
    async runSeed(seed) {
      const { faults, tallies } = await fuzzSeed({ seed, runs: steps })
      return {
        faults,
        what: [...tallies].map(([kind, tally]) => `${kind}: ${tally.toString()}`).join('; '),
      }
    },
  }
}

function recover(canary: (typeof RECOVERY)[number]): Soak {
  return {
    words: `--recovery --nodes ${nodes}${planted(canary)}`,
    async runSeed(seed) {
      const { faults, healedMs, missing } = await recoverySeed(seed, { nodes, canary })
      const healed = healedMs === null ? 'not healed' : `healed within ${healedMs / 1000} s`
      return { faults: missing, what: `${nodes} nodes, ${faults} faults, ${healed}` }
    },
  }
}

function planted(canary: string): string {
  return canary === 'none' ? '' : ` --canary ${canary}`
}

function again(seed: number): string {
  return `npm run soak -- --from ${seed} --seeds 1 ${words}`
}

function readProgress(): Progress {
  try {
    return new Progress(values.progress ?? null, { of: `--from ${from} ${words}`, from })
  } catch (error) {
    console.error(describeError(error))
    process.exit(2)
  }
}

function oneOf<T extends string>(canaries: readonly T[]): T {
  return canaries.find((each) => each === values.canary) ?? wrongUse('canary', values.canary)
}

function wholeNumber(name: string, text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : wrongUse(name, text)
}

function wrongUse(name: string, text: string): never {
  console.error(`--${name} cannot be ${JSON.stringify(text)}\n\n${USAGE.trim()}`)
  process.exit(2)
}
