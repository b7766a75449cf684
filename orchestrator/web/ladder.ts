import { html } from 'htm/preact'
import { RUNG_MEANING, RUNGS } from '#node/judgement/ladder.ts'
import type { Cell } from '#node/view/cell.ts'
import { rungLook } from './marks.ts'

/** The seven rungs, and where a pair stands on them. */
export function Ladder({ cell }: { cell: Cell | undefined }): unknown {
  const stands = cell === undefined ? -1 : RUNGS.indexOf(cell.rung)
  return html`<ol class="ladder" reversed>
    ${RUNGS.map((rung, index) => {
      const { state, mark, says } = standing(index, stands)
      const look = state === 'here' && cell !== undefined ? rungLook(cell).look : ''
      return html`<li
        class="${state} ${look}"
        aria-current=${state === 'here' ? 'step' : undefined}
      >
        <b>${mark} ${rung}</b> <em>${says}</em>
        ${(index > 0 || state === 'here') && html`<small>${RUNG_MEANING[rung]}</small>`}
      </li>`
    }).toReversed()}
  </ol>`
}

/** The lowest rung, where nothing is known, is no achievement: it is left behind, and never reached. */
function standing(
  index: number,
  stands: number,
): { state: 'reached' | 'left' | 'here' | 'above'; mark: '●' | '○' | '–'; says: string } {
  if (index > stands) return { state: 'above', mark: '○', says: 'not reached' }
  if (index === stands) {
    return { state: 'here', mark: index === 0 ? '○' : '●', says: 'stands here' }
  }
  return index === 0
    ? { state: 'left', mark: '–', says: 'left behind' }
    : { state: 'reached', mark: '●', says: 'reached' }
}
