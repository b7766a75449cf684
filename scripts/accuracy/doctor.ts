import { FabricError } from '#orchestrator/fabric/errors.ts'
import { createNetnsFabric } from '#orchestrator/fabric/netns/netns-fabric.ts'
import { type Announcing, type DoctorCase, doctorCases, EXAMINED } from './doctor-cases.ts'
import { examineAll, type Examination, isRight } from './doctor-trial.ts'

/** Causes by which the doctor says that it does not know. */
const UNKNOWN: ReadonlySet<string | null> = new Set(['DIAL_FAILED', 'ADDRESS_UNREACHABLE'])

/** How often the doctor was right: `npm run accuracy -- --doctor --json`. */
export interface DoctorReport {
  schema: 'kadlab.doctor-accuracy/1'
  examined: number
  wrong: number
  /** Those of the wrong in which it said that it does not know. */
  unknown: number
  rows: DoctorRow[]
}

/** What was so, and said, of the peers of one case: the presets that are alike in it. */
export interface DoctorRow {
  program: DoctorCase['program']
  announcing: Announcing
  /** Whether routers let in. */
  open: boolean
  presets: string[]
  truth: string
  seen: string
}

/**
 * Has a doctor examine each program behind each NAT preset, in namespaces, and holds what it says against the plan.
 *
 * @throws FabricError where this machine has no namespaces, or no toolchain to build a program
 */
export async function doctorAccuracy(
  signal: AbortSignal,
  programs: readonly DoctorCase['program'][] = EXAMINED,
): Promise<DoctorReport> {
  const { available, detail } = await createNetnsFabric().probe({ signal })
  if (!available) throw new FabricError(`The doctor is measured in namespaces: ${detail}.`)
  const examined: Examination[] = []
  for (const each of doctorCases(programs)) examined.push(...(await examineAll(each, signal)))
  const wrong = examined.filter((each) => !isRight(each))
  return {
    schema: 'kadlab.doctor-accuracy/1',
    examined: examined.length,
    wrong: wrong.length,
    unknown: wrong.filter(({ seen }) => UNKNOWN.has(seen.cause)).length,
    rows: rowsOf(examined),
  }
}

function rowsOf(examined: readonly Examination[]): DoctorRow[] {
  const rows = new Map<string, DoctorRow>()
  for (const { program, announcing, open, preset, truth, seen } of examined) {
    const row = {
      program,
      announcing,
      open,
      truth: truth.cause ?? truth.rung,
      seen: seen.cause ?? seen.rung,
    }
    const key = JSON.stringify(row)
    const known = rows.get(key) ?? { ...row, presets: [] }
    known.presets.push(preset)
    rows.set(key, known)
  }
  return [...rows.values()]
}
