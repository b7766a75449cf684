import { html } from 'htm/preact'
import type { PlacedEvent } from '#orchestrator/picture/event-index.ts'
import { eventText } from '#orchestrator/picture/event-text.ts'
import type { VariantPicture } from '#orchestrator/picture/picture.ts'
import { duration } from './marks.ts'
import { linkTo, nameOfPeer } from './store.ts'

/** So many are shown at a time: a list of thousands is not read, and makes a browser slow. */
const SHOWN = 200

/** Events as sentences, each a link to its moment. */
export function EventList({
  events,
  variant,
  empty,
}: {
  events: readonly PlacedEvent[]
  variant: VariantPicture
  empty: string
}): unknown {
  if (events.length === 0) return html`<p class="empty">${empty}</p>`
  const nameOf = nameOfPeer(variant)
  const left = events.length - SHOWN
  return html`<ol class="events">
    ${left > 0 && html`<li class="dim">${left} earlier ones are not shown</li>`}
    ${events.slice(-SHOWN).map(
      ({ index, atMs, node, event }) =>
        html`<li>
          <a href=${linkTo({ at: index + 1 })}
            ><time>+${duration(atMs - variant.startedAtMs)}</time></a
          >
          <span><b>${node}</b> ${eventText(event, nameOf)}</span>
        </li>`,
    )}
  </ol>`
}
