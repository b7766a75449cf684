import type { Cell } from '#node/view/cell.ts'
import type { NatPresetName } from '#orchestrator/net/nat-presets.ts'
import type { FabricName } from '#orchestrator/scenario/fabrics.ts'

/** Whether both nodes announce their public address, or whatever they listen on. */
export type Announce = 'none' | 'public'
/** In which mode the node that joins runs Kademlia. */
export type Mode = 'server' | 'client'

/** What is varied. A is who is joined through, B who joins. */
export interface GridAxes {
  natA: readonly NatPresetName[]
  natB: readonly NatPresetName[]
  announce: readonly Announce[]
  mode: readonly Mode[]
  fabric: readonly FabricName[]
}

/** One value of each axis. */
export interface GridPoint {
  natA: NatPresetName
  natB: NatPresetName
  announce: Announce
  mode: Mode
  fabric: FabricName
}

/** What a run of one point came to, once nothing changed any more. */
export interface GridCell extends GridPoint {
  /** How B stands at A; null where A said nothing of it. */
  bAtA: Cell | null
  /** How A stands at B; null where B said nothing of it. */
  aAtB: Cell | null
}

export const GRID_SCHEMA = 'kadlab.grid/1'

export interface GridReport {
  schema: typeof GRID_SCHEMA
  seed: number
  axes: GridAxes
  cells: GridCell[]
}

/** Every combination: slowest first fabric, announce, mode, then the rows (A) and columns (B). */
export function pointsOf({ natA, natB, announce, mode, fabric }: GridAxes): GridPoint[] {
  return fabric.flatMap((fabric) =>
    announce.flatMap((announce) =>
      mode.flatMap((mode) =>
        natA.flatMap((natA) => natB.map((natB) => ({ natA, natB, announce, mode, fabric }))),
      ),
    ),
  )
}

/** The grids of a report, one for each fabric, announce and mode, each with its cells in rows by A's NAT. */
export interface Plane {
  fabric: FabricName
  announce: Announce
  mode: Mode
  rows: { natA: NatPresetName; cells: (GridCell | null)[] }[]
}

export function planesOf({ axes, cells }: Pick<GridReport, 'axes' | 'cells'>): Plane[] {
  const found = new Map(cells.map((cell) => [pointKey(cell), cell]))
  return axes.fabric.flatMap((fabric) =>
    axes.announce.flatMap((announce) =>
      axes.mode.map((mode) => ({
        fabric,
        announce,
        mode,
        rows: axes.natA.map((natA) => ({
          natA,
          cells: axes.natB.map(
            (natB) => found.get(pointKey({ natA, natB, announce, mode, fabric })) ?? null,
          ),
        })),
      })),
    ),
  )
}

/** Names a point; a page's address carries it. */
export function pointKey({ natA, natB, announce, mode, fabric }: GridPoint): string {
  return [natA, natB, announce, mode, fabric].join('/')
}

/** A plane's settings as a sentence. */
export function planeText({ announce, mode, fabric }: Omit<Plane, 'rows'>): string {
  const says =
    announce === 'none' ? 'nobody announces a public address' : 'both announce their public address'
  return `${says}, B is a ${mode}, on ${fabric}`
}
