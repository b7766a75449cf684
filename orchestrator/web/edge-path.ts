import { type Layout, NODE_HEIGHT, NODE_WIDTH, type PlacedNode } from './layout.ts'

export type Point = readonly [x: number, y: number]

/** An edge between two boxes: a curve with one control point, or straight pieces with round corners. */
export interface EdgePath {
  isCurve: boolean
  points: readonly Point[]
}

/** Which of two edges between the same boxes, and which of the lanes beside a site. */
export interface EdgePlace {
  bend: 0 | 1
  /** Any whole number from 0 on: edges with different ones do not lie upon each other where there is room. */
  lane: number
}

const CORNER = 5
/** Pixels between two lanes, where there is room. */
const LANE = 6
const FEWEST_LANES = 3

/**
 * From the border of a box to that of another. Between rows of sites it goes beside the sites, and under boxes where one
 * stands in between, so that it crosses no site's heading.
 */
export function edgePath(
  layout: Pick<Layout, 'sites' | 'nodes' | 'width'>,
  from: PlacedNode,
  to: PlacedNode,
  place: EdgePlace,
): EdgePath {
  if (from.site.y === to.site.y) return curve(from, to, place.bend)
  const { sites, width } = layout
  const rows = [...new Set(sites.map(({ y }) => y))].toSorted((one, other) => one - other)
  const [fromRow, toRow] = [rows.indexOf(from.site.y), rows.indexOf(to.site.y)]
  const isDown = toRow > fromRow
  /** Above a row of sites, where nothing stands. */
  const corridor = (row: number): number => (rows[row] ?? 0) - 18 + 3 * (place.lane % 5)
  const leaves = corridor(isDown ? fromRow + 1 : fromRow)
  const enters = corridor(isDown ? toRow : toRow + 1)
  const start = aisle(layout, from)
  const end = aisle(layout, to)
  const [startX, endX] = [laneIn(start, place), laneIn(end, place)]
  const margin = start.x === end.x ? startX : laneIn({ x: width - 14, room: 14 }, place)
  return straight([
    ...exit(layout, from, startX, place),
    [startX, leaves],
    ...(leaves === enters
      ? []
      : ([
          [margin, leaves],
          [margin, enters],
        ] as const)),
    [endX, enters],
    ...exit(layout, to, endX, place).toReversed(),
  ])
}

/** Where nothing stands to the right of a site: from where on, and how wide. */
interface Aisle {
  x: number
  room: number
}

function aisle({ sites, width }: Pick<Layout, 'sites' | 'width'>, { site }: PlacedNode): Aisle {
  const isOneColumn = new Set(sites.map(({ x }) => x)).size === 1
  const beside = isOneColumn ? sites : [site]
  const x = Math.max(...beside.map((each) => each.x + each.width))
  const next = sites.filter((each) => each.y === site.y && each.x > site.x).map((each) => each.x)
  return { x, room: Math.min(width, ...next) - x }
}

function laneIn({ x, room }: Aisle, { bend, lane }: EdgePlace): number {
  const free = room - 6
  const lanes = Math.max(FEWEST_LANES, Math.floor(free / LANE))
  return x + 3 + (lane % lanes) * (free / lanes) + bend * 1.5
}

/** Out of a box to a lane on its right: straight, or under the boxes that stand in between. */
function exit(
  { nodes }: Pick<Layout, 'nodes'>,
  { site, x, y }: PlacedNode,
  laneX: number,
  { bend, lane }: EdgePlace,
): Point[] {
  const isLast = !nodes.some((other) => other.site === site && other.y === y && other.x > x)
  if (isLast) {
    const sideY = y + 7 + (lane % 6) * 6 + bend * 2
    return [
      [x + NODE_WIDTH + 2, sideY],
      [laneX, sideY],
    ]
  }
  const underX = x + NODE_WIDTH / 2 - 30 + (lane % 6) * 11 + bend * 4
  const underY = y + NODE_HEIGHT + 3 + (lane % 3) * 2 + bend
  return [
    [underX, y + NODE_HEIGHT + 2],
    [underX, underY],
    [laneX, underY],
  ]
}

/** As the `d` of an SVG path. */
export function pathText({ isCurve, points }: EdgePath): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  if (isCurve) return `M${at(first)} Q${rest.map(at).join(' ')}`
  const pieces = rest.map((corner, index) => {
    const [before, next] = [points[index], rest[index + 1]]
    if (before === undefined || next === undefined) return `L${at(corner)}`
    return `L${at(towards(corner, before))} Q${at(corner)} ${at(towards(corner, next))}`
  })
  return `M${at(first)} ${pieces.join(' ')}`
}

function at(point: Point): string {
  return point.map((each) => Math.round(each * 10) / 10).join(',')
}

/** Straight pieces without the corners at which nothing turns. */
function straight(points: readonly Point[]): EdgePath {
  const kept: Point[] = []
  for (const point of points) {
    const [before, last] = kept.slice(-2)
    const turns = (axis: 0 | 1): boolean =>
      before?.[axis] !== last?.[axis] || last?.[axis] !== point[axis]
    if (last !== undefined && !(turns(0) && turns(1))) kept.pop()
    kept.push(point)
  }
  return { isCurve: false, points: kept }
}

/** From a corner a little on the way to another point, no more than half of it. */
function towards([x, y]: Point, [otherX, otherY]: Point): Point {
  const length = Math.hypot(otherX - x, otherY - y) || 1
  const share = Math.min(0.5, CORNER / length)
  return [x + (otherX - x) * share, y + (otherY - y) * share]
}

/** Bent to one side, so that both ways are seen. */
function curve(from: PlacedNode, to: PlacedNode, bend: 0 | 1): EdgePath {
  const [x1, y1, x2, y2] = [
    from.x + NODE_WIDTH / 2,
    from.y + NODE_HEIGHT / 2,
    to.x + NODE_WIDTH / 2,
    to.y + NODE_HEIGHT / 2,
  ]
  if (y1 === y2 && Math.abs(x2 - x1) > 1.5 * NODE_WIDTH) return below(from, to, bend)
  const length = Math.hypot(x2 - x1, y2 - y1) || 1
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length]
  const inset = Math.min(
    NODE_WIDTH / 2 / Math.max(Math.abs(ux), 0.001),
    NODE_HEIGHT / 2 / Math.max(Math.abs(uy), 0.001),
  )
  const side = bend * 10
  const [sx, sy] = [x1 + ux * inset - uy * side, y1 + uy * inset + ux * side]
  const [ex, ey] = [x2 - ux * (inset + 3) - uy * side, y2 - uy * (inset + 3) + ux * side]
  const sag = bend * 18
  const middle: Point = [(sx + ex) / 2 - uy * sag, (sy + ey) / 2 + ux * sag]
  return { isCurve: true, points: [[sx, sy], middle, [ex, ey]] }
}

/** Between nodes of one row that are not neighbours: below the others. */
function below(from: PlacedNode, to: PlacedNode, bend: 0 | 1): EdgePath {
  const side = Math.sign(to.x - from.x) * (bend === 1 ? 14 : 4)
  const [sx, ex] = [from.x + NODE_WIDTH / 2 + side, to.x + NODE_WIDTH / 2 - side]
  const [sy, ey] = [from.y + NODE_HEIGHT, to.y + NODE_HEIGHT + 3]
  const sag = 20 + Math.min(56, Math.abs(ex - sx) / 9)
  return {
    isCurve: true,
    points: [
      [sx, sy],
      [(sx + ex) / 2, sy + sag],
      [ex, ey],
    ],
  }
}
