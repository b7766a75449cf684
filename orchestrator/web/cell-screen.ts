import { html } from 'htm/preact'
import { CAUSES } from '#node/judgement/causes.ts'
import { withNames } from '#node/judgement/with-names.ts'
import { type Cell, DEAD_ADVICE, deadOf, deadText, MEANT } from '#node/view/cell.ts'
import { evidenceClauses } from '#node/view/evidence.ts'
import { pairEvents } from '#orchestrator/picture/pair-events.ts'
import { pairKey, type VariantPicture } from '#orchestrator/picture/picture.ts'
import { CopyButton } from './copy-button.ts'
import { EventList } from './event-list.ts'
import { Ladder } from './ladder.ts'
import { rungLook } from './marks.ts'
import { Packets } from './packets-view.ts'
import { history, linkTo, route } from './store.ts'

/** One pair: how far the target came at the observer, why no further, what was seen, and what cures it. */
export function CellScreen({
  variant,
  observer,
  target,
}: {
  variant: VariantPicture
  observer: string
  target: string
}): unknown {
  const cell = variant.cells[pairKey(observer, target)]
  const now = route.value.at ?? history.events.length
  const events = pairEvents(history.index, variant, { observer, target }, now)
  return html`<main class="cell">
    <nav class="crumbs">
      <a href=${linkTo({ node: null, target: null })}>← ${variant.name}</a>
      <a href=${linkTo({ node: target, target: observer })}
        >the other way: ${observer} at ${target}</a
      >
    </nav>
    <h2>${target} at ${observer}</h2>
    <div class="pair">
      <section aria-label="Ladder">${Ladder({ cell })}</section>
      <section class="why" aria-label="Why">${Why({ cell, observer, target })}</section>
    </div>
    <section>
      <h3>What the two said of each other</h3>
      ${EventList({ events, variant, empty: 'Neither spoke of the other.' })}
    </section>
    <${Packets} variant=${variant} observer=${observer} target=${target} />
  </main>`
}

/** Cause, evidence and remedy of a pair. */
export function Why({
  cell,
  observer,
  target,
}: {
  cell: Cell | undefined
  observer: string
  target: string
}): unknown {
  if (cell === undefined) {
    return html`<p class="empty">${observer} has said nothing of ${target} so far.</p>`
  }
  const { cause, remedy, meant } = cell
  if (cause === null) {
    const dead = deadOf(cell)
    return html`<p class="good">
        ● ${observer} lists ${target}, and a fresh connection to it succeeded.
      </p>
      ${
        dead !== null &&
        html`<p class="half">${deadText(dead)}.</p>
          <ul>
            ${evidenceClauses(cell).map((each) => html`<li>${each}</li>`)}
          </ul>
          <p>${DEAD_ADVICE}</p>`
      }`
  }
  const clauses = evidenceClauses(cell)
  return html`
    <p class="cause ${rungLook(cell).look}">
      ${cause}${meant !== undefined && html` <small>${MEANT[meant]}</small>`}
    </p>
    <p>${withNames(CAUSES[cause].meaning, cell)}</p>
    ${
      clauses.length > 0 &&
      html`<h3>Evidence</h3>
        <ul>
          ${clauses.map((each) => html`<li>${each}</li>`)}
        </ul>`
    }
    ${remedy !== null && Remedy({ cell, remedy })}
  `
}

function Remedy({ cell, remedy }: { cell: Cell; remedy: NonNullable<Cell['remedy']> }): unknown {
  const advice = withNames(remedy.text, cell)
  const where =
    remedy.on === 'target' ? cell.target : remedy.on === 'observer' ? cell.observer : 'both'
  return html`<h3>Remedy</h3>
    ${
      remedy.set === undefined
        ? html`<p>${advice}</p>`
        : html`<p class="remedy">
              <code>${remedy.set}</code> on ${where} ${CopyButton({ text: remedy.set })}
            </p>
            <p>${advice}</p>`
    }`
}
