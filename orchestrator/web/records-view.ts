import { html } from 'htm/preact'
import type { PlacedEvent } from '#orchestrator/picture/event-index.ts'
import type { VariantPicture } from '#orchestrator/picture/picture.ts'
import { recordsOf } from '#orchestrator/picture/records.ts'
import { duration } from './marks.ts'
import { linkTo, nameOfPeer } from './store.ts'

/** So many are shown at a time. */
const SHOWN = 200

/** The records that a node holds, of what it said up to the moment that is looked at. */
export function Records({
  said,
  variant,
}: {
  said: readonly PlacedEvent[]
  variant: VariantPicture
}): unknown {
  const records = recordsOf(said)
  if (records.length === 0) return html`<p class="empty">It holds no record.</p>`
  const nameOf = nameOfPeer(variant)
  const left = records.length - SHOWN
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Records">
      <table class="plain records">
        <thead>
          <tr>
            <th scope="col">key</th>
            <th scope="col">from</th>
            <th scope="col">came</th>
          </tr>
        </thead>
        <tbody>
          ${records.slice(0, SHOWN).map(
            ({ key, from, atMs, index, times }) =>
              html`<tr>
                <th scope="row"><code>${key}</code></th>
                <td>${from === null ? 'itself' : nameOf(from)}</td>
                <td>
                  <a href=${linkTo({ at: index + 1 })}>+${duration(atMs - variant.startedAtMs)}</a
                  >${times > 1 && `, ${times} times so far`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${left > 0 && html`<p class="dim">and ${left} that came earlier</p>`}`
}
