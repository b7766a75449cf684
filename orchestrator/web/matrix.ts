import { html } from 'htm/preact'
import { RUNG_MEANING, RUNGS } from '#node/judgement/ladder.ts'
import { type Cell, deadOf, MEANT } from '#node/view/cell.ts'
import { pairKey, type VariantPicture } from '#orchestrator/picture/picture.ts'
import { tableHealthText } from '../words/table-health.ts'
import { rungLook } from './marks.ts'
import { still } from './still.ts'
import { linkTo } from './store.ts'

/** From so many nodes on, a square holds the sign and the number of the rung alone. */
const COMPACT_FROM = 8

/** The observer × target matrix; each square leads to its pair. */
export function Matrix({ variant }: { variant: VariantPicture }): unknown {
  const names = variant.nodes.map(({ plan }) => plan.name)
  if (names.length < 2) return html`<p class="empty">One node alone: there is nobody to see.</p>`
  const compact = names.length >= COMPACT_FROM
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Matrix">
      <table class="matrix ${compact ? 'compact' : ''}">
        <thead>
          <tr>
            <th scope="col" class="corner">observer ╲ target</th>
            ${names.map((name) => html`<th scope="col"><span>${name}</span></th>`)}
          </tr>
        </thead>
        <tbody>
          ${names.map(
            (observer) =>
              html`<${Row}
                variant=${variant.name}
                observer=${observer}
                names=${names}
                cells=${names.map((target) => variant.cells[pairKey(observer, target)])}
              />`,
          )}
        </tbody>
      </table>
    </div>
    <p class="legend">
      <span class="good">● dialable</span> <span class="half">◐ listed</span>
      <span class="bad">○ lower</span> <span class="meant">◌ not dialable, as meant</span>
      <span class="dim">? not known yet</span>
      ${compact && html`<span class="dim">${RUNGS.map((rung, index) => `${index} ${rung}`).join(', ')}</span>`}
    </p>
    ${variant.tables !== null && html`<p class="legend">Routing tables: ${tableHealthText(variant.tables)}</p>`}`
}

/** How an observer sees everybody. With fifty nodes most rows are the same from one moment to the next. */
const Row = still(
  ({
    observer,
    names,
    cells,
  }: {
    /** Links lead to a pair of it. */
    variant: string
    observer: string
    names: readonly string[]
    /** One for each name. */
    cells: readonly (Cell | undefined)[]
  }) => {
    const compact = names.length >= COMPACT_FROM
    return html`<tr>
      <th scope="row">
        <a href=${linkTo({ node: observer, target: null })}>${observer}</a>
      </th>
      ${names.map((target, at) => Square({ observer, target, cell: cells[at], compact }))}
    </tr>`
  },
)

function Square({
  observer,
  target,
  cell,
  compact,
}: {
  observer: string
  target: string
  cell: Cell | undefined
  compact: boolean
}): unknown {
  if (observer === target) return html`<td class="self" aria-label="itself">·</td>`
  const href = linkTo({ node: observer, target })
  if (cell === undefined) {
    return html`<td>
      <a class="square dim" href=${href} title="${target} at ${observer}: not known yet">?</a>
    </td>`
  }
  const { mark, look } = rungLook(cell)
  const dead = deadOf(cell)
  const note = dead === null ? cell.cause : `${dead.dead} of ${dead.tried} addresses dead`
  const title = `${target} at ${observer}: ${cell.rung}${cell.cause === null ? '' : `, ${cell.cause}`}${cell.meant === undefined ? '' : `, ${MEANT[cell.meant]}`}: ${RUNG_MEANING[cell.rung]}`
  return html`<td class="rung ${look}">
    <a class="square" href=${href} title=${title}>
      <b>${mark} ${compact ? RUNGS.indexOf(cell.rung) : cell.rung}</b>
      ${!compact && note !== null && html`<small>${note}</small>`}
    </a>
  </td>`
}
