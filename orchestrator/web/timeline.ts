import { useSignal } from '@preact/signals'
import { html } from 'htm/preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { countBefore, type PlacedEvent } from '#orchestrator/picture/event-index.ts'
import { eventText } from '#orchestrator/picture/event-text.ts'
import type { VariantPicture } from '#orchestrator/picture/picture.ts'
import { countAtShare, nearestTo, playMs, timeScale } from '#orchestrator/picture/time-scale.ts'
import { stepWord } from '#orchestrator/words/steps/steps.ts'
import { EVENT_MARKS, eventMark } from './event-marks.ts'
import { duration } from './marks.ts'
import { still } from './still.ts'
import { count, history, linkTo, moveTo, nameOfPeer, route } from './store.ts'
import {
  drawTimeline,
  LEFT,
  RIGHT,
  type TimelineDrawing,
  timelineHeight,
} from './timeline-canvas.ts'

/** Nodes down, time across; the cursor moves everything above it to that moment. */
export function Timeline({ variant }: { variant: VariantPicture }): unknown {
  const playing = useSignal(false)
  const events = history.index.ofVariant(variant.name)
  const now = route.value.at ?? count.value
  const last = countBefore(events, now) - 1
  const begun = history.newest.variants.find(({ name }) => name === variant.name)?.steps.length
  const drawing = useMemo(() => drawingOf(variant), [variant.name, events.length, begun])
  const { scale } = drawing

  function go(to: number): void {
    const event = events[Math.max(0, Math.min(events.length - 1, to))]
    // Behind the last event of the variant comes what the run made of it: the whole.
    if (event !== undefined) moveTo(to >= events.length - 1 ? null : event.index + 1)
  }

  useEffect(() => {
    if (!playing.value) return
    const startedAt = performance.now()
    const from = scale[countBefore(events, route.value.at ?? 0) - 1] ?? 0
    let frame = requestAnimationFrame(function next(at) {
      const share = from + (at - startedAt) / playMs(events.length)
      const reached = countAtShare(scale, share) - 1
      // However many came since the last frame, the page is drawn once.
      if (reached !== countBefore(events, route.value.at ?? events.length) - 1) go(reached)
      if (reached >= events.length - 1) playing.value = false
      else frame = requestAnimationFrame(next)
    })
    return () => cancelAnimationFrame(frame)
  }, [playing.value, drawing])
  if (events.length === 0) return null

  function play(): void {
    if (last >= events.length - 1) go(0)
    playing.value = !playing.value
  }

  const current = events[last]
  const says = current === undefined ? 'before the first event' : sentence(current, variant)
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
    <p class="moment">
      ${says}${' '}
      ${current !== undefined && html`<a href=${linkTo({ node: current.node, target: null })}>log of ${current.node}</a>`}
    </p>
    <div class="lanes">
      <${Canvas} drawing=${drawing} go=${go} />
      <${Cursor} share=${last < 0 ? 0 : (scale[last] ?? 1)} nodes=${drawing.nodes.length} />
    </div>
    <${Legend} drawing=${drawing} />
  </section>`
}

function drawingOf({ name, nodes, startedAtMs }: VariantPicture): TimelineDrawing {
  const events = history.index.ofVariant(name)
  const steps = history.events.flatMap((event, index) =>
    event.type === 'step' && event.variant === name
      ? [{ text: stepWord(event.step).text(event.step), before: countBefore(events, index) }]
      : [],
  )
  return {
    nodes: nodes.map(({ plan }) => plan.name),
    events: events.slice(),
    scale: timeScale(events.map(({ atMs }) => atMs)),
    startedAtMs,
    steps,
  }
}

function sentence({ atMs, node, event }: PlacedEvent, variant: VariantPicture): string {
  const since = duration(atMs - variant.startedAtMs)
  return `+${since}: ${node} ${eventText(event, nameOfPeer(variant))}`
}

/** All events, drawn when there are others, when the page gets another width and when it gets dark. */
function Canvas({ drawing, go }: { drawing: TimelineDrawing; go: (to: number) => void }): unknown {
  const canvas = useRef<HTMLCanvasElement>(null)
  const width = useSignal(0)
  const isDark = useSignal(false)
  useEffect(() => {
    const frame = canvas.current?.parentElement ?? null
    if (frame === null) return
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const look = (): void => void (isDark.value = dark.matches)
    const observer = new ResizeObserver(() => void (width.value = frame.clientWidth))
    look()
    observer.observe(frame)
    dark.addEventListener('change', look)
    return () => {
      observer.disconnect()
      dark.removeEventListener('change', look)
    }
  }, [])
  useEffect(() => {
    if (canvas.current !== null && width.value > 0) {
      drawTimeline(canvas.current, drawing, width.value)
    }
  }, [drawing, width.value, isDark.value])

  function point(event: PointerEvent): void {
    const box = canvas.current?.getBoundingClientRect()
    if (event.buttons === 0 || box === undefined) return
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT)
    go(nearestTo(drawing.scale, share))
  }

  return html`<canvas
    ref=${canvas}
    onPointerDown=${point}
    onPointerMove=${point}
    aria-hidden="true"
  ></canvas>`
}

/** The moment, and what is still to come behind a veil. */
function Cursor({ share, nodes }: { share: number; nodes: number }): unknown {
  const left = `calc(${LEFT}px + (100% - ${LEFT + RIGHT}px) * ${share})`
  return html`<div
    class="cursor"
    style=${{ left, height: `${timelineHeight(nodes) - 22}px` }}
  ></div>`
}

/** The marks that are on this timeline. */
const Legend = still(({ drawing }: { drawing: TimelineDrawing }) => {
  const there = new Set(drawing.events.map(({ event }) => eventMark(event)))
  return html`<p class="legend marks">
    ${EVENT_MARKS.filter((mark) => there.has(mark)).map(
      ({ says, shape, isFilled, look }) =>
        html`<span>
          <svg
            class="${look} ${isFilled ? 'filled' : ''}"
            viewBox="-6 -6 12 12"
            width="12"
            height="12"
            aria-hidden="true"
          >
            <path d=${shape} />
          </svg>
          ${says}
        </span>`,
    )}
  </p>`
})
