import { KadlabError } from '#node/base/errors.ts'
import type { Cell } from '#node/view/cell.ts'
import { patientOf } from '#orchestrator/cure/apply.ts'
import { withLabRemedies } from '#orchestrator/cure/lab-remedy.ts'
import type { Fabric } from '#orchestrator/fabric/fabric.ts'
import {
  GRID_SCHEMA,
  type GridAxes,
  type GridCell,
  type GridPoint,
  type GridReport,
  pointsOf,
} from '#orchestrator/picture/grid.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { settledCells } from '#orchestrator/run/settle.ts'
import { fabricFacts, type FabricName } from '#orchestrator/scenario/fabrics.ts'
import { pointScenario } from './point-scenario.ts'

export interface GridOptions {
  seed: number
  signal: AbortSignal
  /** The fabrics of the axes, each ready to start a lab. */
  fabrics: ReadonlyMap<FabricName, Fabric>
  /** Told of each cell, in order. */
  onCell: (cell: GridCell, done: number, all: number) => void
}

/**
 * Runs every point of the axes, one after the other, each in a lab of its own, until nothing changes any more.
 *
 * @throws FabricError where a lab cannot be started, or the signal's reason
 */
export async function runGrid(axes: GridAxes, options: GridOptions): Promise<GridReport> {
  const { seed, signal, fabrics, onCell } = options
  const points = pointsOf(axes)
  const cells: GridCell[] = []
  for (const point of points) {
    signal.throwIfAborted()
    const fabric = fabrics.get(point.fabric)
    if (fabric === undefined) throw new RangeError(`fabric ${point.fabric} was not made ready`)
    const cell = await runPoint(point, fabric, { seed, signal })
    cells.push(cell)
    onCell(cell, cells.length, points.length)
  }
  return { schema: GRID_SCHEMA, seed, axes, cells }
}

async function runPoint(
  point: GridPoint,
  fabric: Fabric,
  { seed, signal }: { seed: number; signal: AbortSignal },
): Promise<GridCell> {
  const plan = pointPlan(point, seed, await fabric.takenSubnets({ signal }))
  const [variant] = plan.variants
  if (variant === undefined) throw new KadlabError('a scenario without variants has one')
  const seen = await fabric.withClock(seed, (clock) =>
    settledCells(fabric, plan, variant, { signal, clock }),
  )
  const cells = withLabRemedies(patientOf(plan, variant), seen)
  const at = (observer: string): Cell | null =>
    cells.find((cell) => cell.observer === observer) ?? null
  return { ...point, bAtA: at('A'), aAtB: at('B') }
}

/** What runs for a point: a pure function of its arguments. */
export function pointPlan(point: GridPoint, seed: number, taken: readonly string[] = []): Plan {
  const { sameSubnets } = fabricFacts(point.fabric)
  const [plan] = planScenario(pointScenario(point), { seed, taken, sameSubnets })
  if (plan === undefined) throw new KadlabError('a scenario without variants has one plan')
  return plan
}
