import { html } from 'htm/preact'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'
import { outcomeLook } from './marks.ts'

/** What a probe measured at each router, before anything behind it was believed. */
export function Proofs({ proofs }: { proofs: readonly NatProof[] }): unknown {
  if (proofs.length === 0) return null
  const fallen = proofs.filter(({ holds }) => !holds).length
  const summary =
    fallen === 0
      ? `All ${proofs.length} measurements agree with the presets`
      : `${fallen} of ${proofs.length} measurements do not agree with the presets`
  return html`<section>
    <h3>NAT proof</h3>
    <details open=${fallen > 0}>
      <summary class=${fallen === 0 ? 'good' : 'bad'}>
        ${outcomeLook(fallen === 0).mark} ${summary}
      </summary>
      <div class="scroll" tabindex="0" role="region" aria-label="NAT proof">
        <table class="plain">
          <thead>
            <tr>
              ${['', 'router', 'preset', 'protocol', 'mapping', 'filtering', 'hairpin', 'ports'].map((head) => html`<th scope="col">${head}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${proofs.map((proof) => {
              const { mark, look } = outcomeLook(proof.holds)
              return html`<tr>
                <td class=${look}>${mark}</td>
                <td>${proof.router}</td>
                <td>${proof.preset}</td>
                <td>${proof.protocol}</td>
                <td>${proof.mapping ?? '?'}</td>
                <td>${proof.filtering ?? '?'}</td>
                <td>${word(proof.hairpin, 'yes', 'no')}</td>
                <td>${word(proof.portPreservation, 'preserved', 'changed')}</td>
              </tr>`
            })}
          </tbody>
        </table>
      </div>
      <ul>
        ${proofs.flatMap(({ router, differences }) => differences.map((each) => html`<li class="bad">${router}: ${each}</li>`))}
      </ul>
    </details>
  </section>`
}

function word(value: boolean | null, yes: string, no: string): string {
  if (value === null) return '?'
  return value ? yes : no
}
