import { html } from 'htm/preact'
import { pairKey, type RunPicture, type VariantPicture } from '#orchestrator/picture/picture.ts'
import { differingSettings } from '#orchestrator/picture/side-by-side.ts'
import { outcomeLook, rungLook } from './marks.ts'
import { linkTo, variant as current } from './store.ts'

/** More pairs than these say nothing beside each other: the matrices do. */
const MOST_PAIRS = 24

/** Variants side by side: what held, how each pair stands, and what was set differently. */
export function SideBySide({ picture }: { picture: RunPicture }): unknown {
  const { variants } = picture
  if (variants.length < 2) return null
  const keys = [...new Set(variants.flatMap(({ cells }) => Object.keys(cells)))]
  const pairs = keys.length > MOST_PAIRS ? [] : keys
  return html`<section>
    <h2>Side by side</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Side by side">
      <table class="side">
        <thead>
          <tr>
            <td></td>
            ${variants.map(
              (variant) =>
                html`<th
                  scope="col"
                  aria-current=${variant.name === current.value?.name ? 'true' : undefined}
                >
                  <a href=${linkTo({ variant: variant.name, node: null, target: null })}
                    >${variant.name}</a
                  >
                </th>`,
            )}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">expectations</th>
            ${variants.map((variant) => Expectations(variant))}
          </tr>
          ${pairs.map((key) => PairRow({ pair: key, variants }))}
          ${differingSettings(picture).map(
            ({ node, variable, values }) =>
              html`<tr>
                <th scope="row">${node} <code>${variable}</code></th>
                ${values.map((value) => html`<td>${value === null ? html`<span class="dim">–</span>` : html`<code>${value}</code>`}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function Expectations({ steps, holds }: VariantPicture): unknown {
  const results = steps.flatMap((step) => step.results)
  const held = results.filter((result) => result.holds).length
  const { mark, look } = outcomeLook(holds)
  return html`<td class=${look}>${mark} ${held} of ${results.length} hold</td>`
}

function PairRow({
  pair,
  variants,
}: {
  pair: string
  variants: readonly VariantPicture[]
}): unknown {
  const [observer = '', target = ''] = JSON.parse(pair) as string[]
  return html`<tr>
    <th scope="row">${target} at ${observer}</th>
    ${variants.map((variant) => {
      const cell = variant.cells[pairKey(observer, target)]
      if (cell === undefined) return html`<td class="dim">?</td>`
      const { mark, look } = rungLook(cell)
      return html`<td class="rung ${look}">
        <a class="square" href=${linkTo({ variant: variant.name, node: observer, target })}>
          <b>${mark} ${cell.rung}</b>${cell.cause !== null && html`<small>${cell.cause}</small>`}
        </a>
      </td>`
    })}
  </tr>`
}
