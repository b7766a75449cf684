// npm run accuracy -- [--plans N] [--seed S] [--json], or --doctor: draws random plans, runs them on the simulated network, holds the
// rung and the cause of each cell against the ground truth, applies the remedies of what is red, and runs again. Ends with
// 1 where a cause is wrong, or a remedy does not cure.
import { describeError } from '#node/base/errors.ts'
import { readWords } from '../base/words.ts'
import { doctorAccuracy, type DoctorReport } from './doctor.ts'
import { randomScenario } from './random-scenario.ts'
import { Tally } from './tally.ts'
import { fatesOf, isRight, runTrial, type Verdict } from './trial.ts'

const USAGE = `
Usage: npm run accuracy -- [--plans N] [--seed S] [--json]
       npm run accuracy -- --doctor [--json]

Draws random plans, runs them on the simulated network, holds the rung and the cause of each cell against the ground truth,
applies the remedies of what is red, and runs again. With --doctor a doctor on the internet examines peers of every
implementation behind every NAT preset, in namespaces of Linux. Exit status: 0 all are right and cure, 1 a cause is wrong or a remedy
does not cure, 2 wrong use, 3 a plan could not run, 130 interrupted.
`

const { values } = readWords(USAGE, {
  options: {
    plans: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    doctor: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const plans = wholeNumber('plans', 1, 100_000)
const firstSeed = wholeNumber('seed', 0, 2 ** 31 - 1)
const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => interrupted.abort(new Error(`ended by ${name}`)))
}
const { signal } = interrupted
if (values.doctor) process.exit(await examine())
const tally = new Tally(firstSeed)
const seeds = Array.from({ length: plans }, (_, index) => firstSeed + index).values()

try {
  await work()
} catch (error) {
  console.error(describeError(error))
  process.exit(signal.aborted ? 130 : 3)
}
const report = tally.report()
if (values.json) console.log(JSON.stringify({ ...report, confusions: tally.confusions() }, null, 2))
else printTable()
process.exit(report.wrongCauses + report.remediesThatFail + report.madeWorse === 0 ? 0 : 1)

async function work(): Promise<void> {
  for (const seed of seeds) {
    const { scenario } = randomScenario(seed)
    const trial = await runTrial(scenario, { seed, signal })
    tally.add(trial)
    for (const [round, verdicts] of trial.runs.entries()) {
      for (const verdict of verdicts) if (!isRight(verdict)) printWrong(seed, round, verdict)
    }
    const { fates, worse } = fatesOf(trial)
    const failed = fates.filter((fate) => fate === 'failed').length
    if (failed + worse > 0) {
      console.error(`plan ${seed}: ${failed} remedies do not cure, ${worse} pairs are worse`)
    }
  }
}

async function examine(): Promise<number> {
  try {
    const report = await doctorAccuracy(signal)
    if (values.json) console.log(JSON.stringify(report, null, 2))
    else printExamined(report)
    return report.wrong === 0 ? 0 : 1
  } catch (error) {
    console.error(describeError(error))
    return signal.aborted ? 130 : 3
  }
}

function printExamined({ examined, wrong, unknown, rows }: DoctorReport): void {
  for (const { program, announcing, open, presets, truth, seen } of rows) {
    const said = truth === seen ? '✔' : `✘ said ${seen}, so is`
    const how = `${program} announcing ${announcing}, ${open ? 'open' : 'closed'}`
    console.log(`${said} ${truth}  ${how}: ${presets.join(', ')}`)
  }
  console.log(`${examined} examined, ${wrong} wrong, ${unknown} of them unknown`)
}

function printWrong(seed: number, round: number, { truth, cell }: Verdict): void {
  const { observer, target, cause } = truth
  const seen = cell === null ? 'nothing' : (cell.cause ?? 'dialable')
  const evidence = JSON.stringify(cell?.evidence ?? null)
  const pair = `${target} at ${observer}`
  console.error(
    `plan ${seed}, round ${round}: ${pair} is ${cause ?? 'dialable'}, seen as ${seen} ${evidence}`,
  )
}

function printTable(): void {
  const rows = tally.confusions()
  const width = Math.max(...rows.map(({ truth }) => truth.length))
  for (const { truth, seen, count } of rows) {
    const mark = truth === seen ? '✔' : '✘'
    console.log(
      `${mark} ${String(count).padStart(6)}  ${truth.padEnd(width)}  ${truth === seen ? '' : seen}`,
    )
  }
  const { cells, wrongCauses, cured, incurable, remediesThatFail, madeWorse, rounds } = report
  console.log(
    `${plans} plans from seed ${firstSeed}: ${cells} cells, ${wrongCauses} with a wrong cause`,
  )
  console.log(
    `red pairs: ${cured} cured, ${incurable} incurable, ${remediesThatFail} not cured by their remedy; ${madeWorse} made worse`,
  )
  console.log(`rounds: ${rounds.map((count, round) => `${round} in ${count} plans`).join(', ')}`)
}

function wholeNumber(name: 'plans' | 'seed', min: number, max: number): number {
  const number = Number(values[name])
  if (Number.isInteger(number) && number >= min && number <= max) return number
  console.error(`--${name}: expected a whole number from ${min} to ${max}, saw ${values[name]}`)
  process.exit(2)
}
