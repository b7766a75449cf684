import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Announcing } from '../accuracy/doctor-cases.ts'
import type { DoctorReport } from '../accuracy/doctor.ts'
import type { AccuracyReport, Confusion } from '../accuracy/tally.ts'
import { code, table } from './table.ts'

/** What `npm run accuracy -- --json` printed for the documents. */
const MEASURED = resolve(import.meta.dirname, '../../docs/reference/accuracy.json')

type Measured = AccuracyReport & { confusions: Confusion[] }

async function measured(): Promise<Measured> {
  return JSON.parse(await readFile(MEASURED, 'utf8')) as Measured
}

/** The figures of the kept run, and how to have them again. */
export async function accuracyFigures(): Promise<string> {
  const run = await measured()
  const plans = run.rounds.map((count, rounds) => `${count} took ${rounds}`).join(', ')
  return [
    `Measured with ${code(`npm run accuracy -- --plans ${run.plans} --seed ${run.seed}`)}:`,
    '',
    table(
      ['', ''],
      [
        ['plans, and cells judged in them and after remedies', `${run.plans}, ${run.cells}`],
        ['cells with a wrong rung or cause', String(run.wrongCauses)],
        ['red pairs cured by their remedies', String(run.cured)],
        ['red pairs of which it is said, and so, that nothing cures them', String(run.incurable)],
        ['red pairs whose remedy does not cure', String(run.remediesThatFail)],
        [
          'pairs that were dialable, and are not after the remedies of others',
          String(run.madeWorse),
        ],
        ['runs with remedies that plans took', plans],
      ],
    ),
  ].join('\n')
}

/** What is so beside what was named, the commonest first. */
export async function accuracyCauses(): Promise<string> {
  const { confusions } = await measured()
  return table(
    ['what is so', 'what is named', 'cells'],
    confusions.map(({ truth, seen, count }) => [word(truth), word(seen), String(count)]),
  )
}

/** What the doctor said of peers of each implementation, beside what was so. */
export async function doctorFigures(): Promise<string> {
  const path = resolve(import.meta.dirname, '../../docs/reference/doctor-accuracy.json')
  const run = JSON.parse(await readFile(path, 'utf8')) as DoctorReport
  return [
    `Measured with ${code('npm run accuracy -- --doctor')}: ${run.examined} peers examined, ${run.wrong} verdicts wrong.`,
    '',
    table(
      ['program', 'announces', 'the port is', 'behind', 'what is so', 'what the doctor says'],
      run.rows.map(({ program, announcing, open, presets, truth, seen }) => [
        code(program),
        ANNOUNCED[announcing],
        open ? 'let in' : 'closed',
        presets.join(', '),
        word(truth),
        word(seen),
      ]),
    ),
  ].join('\n')
}

const ANNOUNCED: Readonly<Record<Announcing, string>> = {
  nothing: 'nothing of its own accord',
  rightly: 'its public address',
  wrongly: 'an address that nobody has',
}

function word(name: string): string {
  return name === 'dialable' ? name : code(name)
}
