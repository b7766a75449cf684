import { signal } from '@preact/signals'
import { html } from 'htm/preact'
import {
  type LineLevel,
  LOG_LEVELS,
  type LogLine,
  matchingLines,
} from '#orchestrator/picture/log-lines.ts'
import type { VariantPicture } from '#orchestrator/picture/picture.ts'
import { duration } from './marks.ts'
import { count, linkTo, logCount, logs, route, source } from './store.ts'

/** So many are shown at a time. */
const SHOWN = 300

/** What is looked for stays when another node, or another moment, is looked at. */
const level = signal<LineLevel>('trace')
const search = signal('')

/** The log of a node up to the moment that is looked at, with a filter of levels and a search. */
export function LogView({ variant, name }: { variant: VariantPicture; name: string }): unknown {
  const all = logCount.value > 0 ? logs.ofNode(variant.name, name) : []
  const now = route.value.at ?? count.value
  const come = all.filter(({ after }) => after <= now)
  if (come.length === 0) return html`<p class="empty">${nothing(all.length)}</p>`
  const found = matchingLines(come, level.value, search.value)
  const left = found.length - SHOWN
  return html`<div class="controls log-controls" role="search">
      <label
        >level
        <select
          value=${level.value}
          onChange=${(event: Event) => {
            level.value = levelNamed((event.target as HTMLSelectElement).value)
          }}
        >
          ${LOG_LEVELS.map(
            (each) =>
              html`<option value=${each}>
                ${each === 'trace' ? 'all' : `${each} and above`}
              </option>`,
          )}
        </select></label
      >
      <input
        type="search"
        placeholder="search"
        aria-label="Search the log"
        value=${search.value}
        onInput=${(event: Event) => {
          search.value = (event.target as HTMLInputElement).value
        }}
      />
      <span class="dim" role="status">${`${found.length} of ${come.length} lines`}</span>
    </div>
    ${found.length === 0 && html`<p class="empty">No line has that.</p>`}
    <ol class="events log" aria-label="Log">
      ${left > 0 && html`<li class="dim">${left} earlier ones are not shown: search for them</li>`}
      ${found.slice(-SHOWN).map((line) => Line({ line, variant }))}
    </ol>`
}

function Line({ line, variant }: { line: LogLine; variant: VariantPicture }): unknown {
  const { after, atMs, level: own, message, fields } = line
  return html`<li class="level-${own}">
    <a href=${linkTo({ at: after })}
      ><time>+${duration(Math.max(0, atMs - variant.startedAtMs))}</time></a
    >
    <b>${own.toUpperCase()}</b>
    <span>${message} ${fields !== '' && html`<code>${fields}</code>`}</span>
  </li>`
}

function nothing(later: number): string {
  if (source.value === 'cluster') return 'Logs do not come here: docker compose logs has them.'
  return later > 0 ? 'It had logged nothing by then.' : 'It has logged nothing so far.'
}

function levelNamed(name: string): LineLevel {
  return LOG_LEVELS.find((each) => each === name) ?? 'trace'
}
