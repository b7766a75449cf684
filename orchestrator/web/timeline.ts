import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useEffect, useRef } from 'preact/hooks'
import { eventText } from '#orchestrator/picture/event-text.ts'
import { nodeEventsOf, type PlacedEvent } from '#orchestrator/picture/pair-events.ts'
import type { VariantPicture } from '#orchestrator/picture/picture.ts'
import { duration } from './marks.ts'
import { count, history, moveTo, route } from './store.ts'

const ROW = 16
/** The names of nodes stand here. */
const LEFT = 72

/** Nodes down, events across in their order; the cursor moves everything above it to that moment. */
export function Timeline({ variant }: { variant: VariantPicture }): unknown {
  const canvas = useRef<HTMLCanvasElement>(null)
  const playing = useSignal(false)
  const all = count.value
  const events = nodeEventsOf(history.events, variant.name)
  const now = route.value.at ?? all
  const last = events.findLastIndex(({ index }) => index < now)
  const current = events[last]
  const names = new Map(variant.nodes.map(({ plan }) => [plan.peerId, plan.name]))

  function go(to: number): void {
    const event = events[Math.max(0, Math.min(events.length - 1, to))]
    // Behind the last event of the variant comes what the run made of it: the whole.
    if (event !== undefined) moveTo(to >= events.length - 1 ? null : event.index + 1)
  }

  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, variant, events, last)
  })
  useEffect(() => {
    if (!playing.value) return
    if (last >= events.length - 1) {
      playing.value = false
      return
    }
    const timer = setTimeout(() => go(last + 1), Math.max(30, Math.min(250, 8000 / events.length)))
    return () => clearTimeout(timer)
  })
  if (events.length === 0) return null

  function point(event: PointerEvent): void {
    if (event.buttons === 0 && event.type !== 'click') return
    const box = canvas.current?.getBoundingClientRect()
    if (box === undefined) return
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - 8)
    go(Math.round(share * (events.length - 1)))
  }

  function play(): void {
    if (last >= events.length - 1) go(0)
    playing.value = !playing.value
  }

  const says =
    current === undefined
      ? 'before the first event'
      : `+${duration(current.atMs - variant.startedAtMs)}: ${current.node} ${eventText(current.event, (peer) => names.get(peer) ?? `…${peer.slice(-8)}`)}`
  return html`<section class="timeline" aria-label="Timeline">
    <h3>Timeline <small>${last + 1} of ${events.length} events</small></h3>
    <div class="controls">
      <button type="button" onClick=${() => go(last - 1)} aria-label="One event back">◂</button>
      <button type="button" onClick=${play}>${playing.value ? 'Pause' : 'Play'}</button>
      <button type="button" onClick=${() => go(last + 1)} aria-label="One event on">▸</button>
      <input
        type="range"
        min="0"
        max=${events.length - 1}
        value=${last}
        aria-label="Moment"
        aria-valuetext=${says}
        onInput=${(event: Event) => go(Number((event.target as HTMLInputElement).value))}
      />
      <button type="button" onClick=${() => moveTo(null)} disabled=${route.value.at === null}>
        End
      </button>
    </div>
    <p class="moment">${says}</p>
    <canvas ref=${canvas} onPointerDown=${point} onPointerMove=${point} aria-hidden="true"></canvas>
  </section>`
}

/** On a canvas: ten thousand marks are nothing to it. */
function draw(
  canvas: HTMLCanvasElement,
  variant: VariantPicture,
  events: readonly PlacedEvent[],
  last: number,
): void {
  const width = canvas.parentElement?.clientWidth ?? 800
  const height = variant.nodes.length * ROW + 20
  const scale = devicePixelRatio
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const context = canvas.getContext('2d')
  if (context === null) return
  const style = getComputedStyle(canvas)
  const color = (name: string): string => style.getPropertyValue(name).trim()
  context.scale(scale, scale)
  context.font = '12px system-ui, sans-serif'
  context.textBaseline = 'middle'
  const rows = new Map(variant.nodes.map(({ plan }, row) => [plan.name, row]))
  const x = (at: number): number =>
    LEFT + (at / Math.max(1, events.length - 1)) * (width - LEFT - 8)
  for (const [name, row] of rows) {
    context.fillStyle = color('--line')
    context.fillRect(LEFT, row * ROW + ROW / 2, width - LEFT - 8, 1)
    context.fillStyle = color('--text')
    context.fillText(name.slice(0, 10), 0, row * ROW + ROW / 2 + 1, LEFT - 8)
  }
  for (const [at, { node, event }] of events.entries()) {
    const row = rows.get(node)
    if (row === undefined) continue
    context.globalAlpha = at <= last ? 1 : 0.35
    context.fillStyle = color(shade(event.event))
    context.fillRect(x(at) - 1.5, row * ROW + 3, 3, ROW - 6)
  }
  context.globalAlpha = 1
  context.fillStyle = color('--text')
  if (last >= 0) context.fillRect(x(last) - 0.75, 0, 1.5, height - 18)
  context.fillStyle = color('--dim')
  for (const share of [0, 0.5, 1]) {
    const event = events[Math.round(share * (events.length - 1))]
    if (event === undefined) continue
    context.textAlign = share === 0 ? 'left' : share === 1 ? 'right' : 'center'
    const label = `+${duration(event.atMs - variant.startedAtMs)}`
    context.fillText(label, LEFT + share * (width - LEFT - 8), height - 8)
  }
}

function shade(event: PlacedEvent['event']['event']): string {
  if (event === 'listed') return '--good'
  if (['dial-failed', 'identify-failed', 'denied', 'unlisted'].includes(event)) return '--bad'
  return event === 'connected' || event === 'identified' ? '--accent' : '--dim'
}
