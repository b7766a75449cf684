import type { PlacedEvent } from '#orchestrator/picture/event-index.ts'
import { labelledEvents } from '#orchestrator/picture/time-scale.ts'
import { EVENT_MARKS, eventMark } from './event-marks.ts'
import { duration } from './marks.ts'

const ROW = 16
/** Room above the rows for the steps, and below for times. */
const HEAD = 20
const FOOT = 22
/** The names of nodes stand here. */
export const LEFT = 84
export const RIGHT = 8
/** Between two times that are written. */
const APART = 72

/** What a timeline shows, wherever its cursor is. */
export interface TimelineDrawing {
  nodes: readonly string[]
  events: readonly PlacedEvent[]
  /** Where each event stands, from 0 to 1. */
  scale: readonly number[]
  /** When the variant began. */
  startedAtMs: number
  /** What was done, and before which event. */
  steps: readonly { text: string; before: number }[]
}

/** @returns pixels */
export function timelineHeight(nodes: number): number {
  return HEAD + nodes * ROW + FOOT
}

/** Draws all events; the cursor is another element, so that this is done once and not for each moment. */
export function drawTimeline(
  canvas: HTMLCanvasElement,
  drawing: TimelineDrawing,
  width: number,
): void {
  const { nodes, events, scale, steps } = drawing
  const height = timelineHeight(nodes.length)
  canvas.width = Math.round(width * devicePixelRatio)
  canvas.height = Math.round(height * devicePixelRatio)
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const context = canvas.getContext('2d')
  if (context === null) return
  const style = getComputedStyle(canvas)
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  context.scale(devicePixelRatio, devicePixelRatio)
  context.font = '12px system-ui, sans-serif'
  context.textBaseline = 'middle'
  const room = width - LEFT - RIGHT
  const x = (event: number): number => LEFT + (scale[event] ?? 1) * room
  const bottom = HEAD + nodes.length * ROW

  for (const [row, name] of nodes.entries()) {
    const y = HEAD + row * ROW + ROW / 2
    context.fillStyle = color('line')
    context.fillRect(LEFT, y, room, 1)
    context.fillStyle = color('text')
    context.fillText(shortened(context, name, LEFT - 10), 0, y + 1)
  }
  for (const [at, { text, before }] of steps.entries()) {
    const from = x(before) - 4
    const next = steps[at + 1]
    const until = next === undefined ? width : x(next.before) - 4
    context.fillStyle = color('dim')
    context.fillRect(from, 2, 1, bottom - 2)
    const says = shortened(context, `${at + 1} ${text}`, until - from - 8)
    if (until - from > 16) context.fillText(says, from + 4, 8)
  }
  drawMarks(context, drawing, { x, color })
  context.fillStyle = color('dim')
  let free = 0
  for (const event of labelledEvents(times(drawing), scale, APART / Math.max(APART, room))) {
    const says = `+${duration((events[event]?.atMs ?? 0) - drawing.startedAtMs)}`
    const half = context.measureText(says).width / 2
    const middle = Math.min(width - half, Math.max(LEFT + half - 4, x(event)))
    if (middle - half < free) continue
    context.fillRect(x(event) - 0.5, bottom, 1, 6)
    context.fillText(says, middle - half, bottom + 14)
    free = middle + half + 8
  }
}

/** Those of one look one after the other: a canvas changes its colour slowly, and draws fast. */
function drawMarks(
  context: CanvasRenderingContext2D,
  { nodes, events }: TimelineDrawing,
  { x, color }: { x: (event: number) => number; color: (name: string) => string },
): void {
  const rows = new Map(nodes.map((name, row) => [name, row]))
  const shapes = new Map(EVENT_MARKS.map((mark) => [mark, new Path2D(mark.shape)]))
  const paths = new Map(EVENT_MARKS.map((mark) => [mark, new Path2D()]))
  for (const [at, { node, event }] of events.entries()) {
    const row = rows.get(node)
    const shape = shapes.get(eventMark(event))
    if (row === undefined || shape === undefined) continue
    const place = new DOMMatrix([1, 0, 0, 1, x(at), HEAD + row * ROW + ROW / 2])
    paths.get(eventMark(event))?.addPath(shape, place)
  }
  context.lineWidth = 1.5
  for (const [{ isFilled, look }, path] of paths) {
    context.fillStyle = color(look)
    context.strokeStyle = color(look)
    if (isFilled) context.fill(path)
    else context.stroke(path)
  }
}

function times({ events }: TimelineDrawing): number[] {
  return events.map(({ atMs }) => atMs)
}

/** A text that fits, with a sign where it was cut. */
function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  let [low, high] = [0, text.length]
  if (context.measureText(text).width <= room) return text
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle
    else high = middle - 1
  }
  return low === 0 ? '' : `${text.slice(0, low)}…`
}
