import { signal } from '@preact/signals'
import { html } from 'htm/preact'
import type { Cell } from '#node/view/cell.ts'
import { NAT_PRESETS, type NatPresetName } from '#orchestrator/net/nat-presets.ts'
import {
  type GridCell,
  type GridReport,
  type Plane,
  planesOf,
  planeText,
  pointKey,
} from '#orchestrator/picture/grid.ts'
import { Why } from './cell-screen.ts'
import { Ladder } from './ladder.ts'
import { rungLook } from './marks.ts'

/** What the address names: a point, or all of them. */
const place = signal('')

/** Follows the address of the page. */
export function followGridAddress(): void {
  readPlace()
  addEventListener('hashchange', readPlace)
}

function readPlace(): void {
  place.value = location.hash.slice(1).replaceAll('%2F', '/')
}

/** A pair of nodes in every combination; each square leads to its pair. */
export function GridApp({ report }: { report: GridReport }): unknown {
  const found = report.cells.find((cell) => pointKey(cell) === place.value)
  const cells = report.cells.length
  const reached = report.cells.filter(
    ({ bAtA, aAtB }) => bAtA?.cause === null && aAtB?.cause === null,
  ).length
  const sentence = `In ${reached} of ${cells} combinations A and B reach each other`
  return html`<header class="verdict ${reached === cells ? 'good' : 'open'}">
      <h1>${sentence}</h1>
      <p class="title">Two nodes, each behind a router of its own; B joins through A.</p>
      <p class="facts">seed ${report.seed}</p>
    </header>
    ${found === undefined ? Planes({ report }) : Point({ cell: found })}`
}

function Planes({ report }: { report: GridReport }): unknown {
  const names = [...new Set([...report.axes.natA, ...report.axes.natB])]
  return html`<main>
    <p class="legend">
      In each square B at A, then A at B: <span class="good">● dialable</span>
      <span class="half">◐ listed</span> <span class="bad">○ lower</span>
    </p>
    ${planesOf(report).map((plane) => PlaneTable({ plane, report }))}
    <section>
      <h2>Who has which NAT</h2>
      <dl>${names.map((name) => Preset({ name }))}</dl>
    </section>
  </main>`
}

function PlaneTable({ plane, report }: { plane: Plane; report: GridReport }): unknown {
  const text = planeText(plane)
  return html`<section>
    <h2>${text}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label=${text}>
      <table class="grid">
        <thead>
          <tr>
            <th scope="col" class="corner">A ╲ B</th>
            ${report.axes.natB.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${plane.rows.map(
            ({ natA, cells }) =>
              html`<tr>
                <th scope="row">${natA}</th>
                ${cells.map((cell) => Square({ cell }))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function Square({ cell }: { cell: GridCell | null }): unknown {
  if (cell === null) return html`<td class="dim">?</td>`
  const { bAtA, aAtB, natA, natB } = cell
  return html`<td>
    <a
      href="#${encodeURIComponent(pointKey(cell))}"
      aria-label="A ${natA}, B ${natB}: B at A ${says(bAtA)}, A at B ${says(aAtB)}"
    >
      ${Half({ cell: bAtA })}${Half({ cell: aAtB })}
    </a>
  </td>`
}

function Half({ cell }: { cell: Cell | null }): unknown {
  if (cell === null) return html`<span class="dim">?</span>`
  const { mark, look } = rungLook(cell)
  return html`<span class=${look}><b>${mark}</b> <small>${says(cell)}</small></span>`
}

/** The cause, or the rung where there is none. */
function says(cell: Cell | null): string {
  return cell === null ? 'not known' : (cell.cause ?? cell.rung)
}

function Preset({ name }: { name: NatPresetName }): unknown {
  const { doc, seenAt } = NAT_PRESETS[name]
  return html`<dt><code>${name}</code></dt>
    <dd>
      ${doc}
      ${
        seenAt.length > 0 &&
        html`<ul>
          ${seenAt.map(({ what }) => html`<li>${what}</li>`)}
        </ul>`
      }
    </dd>`
}

function Point({ cell }: { cell: GridCell }): unknown {
  const { natA, natB, bAtA, aAtB } = cell
  const ways = [
    { observer: 'A', target: 'B', seen: bAtA },
    { observer: 'B', target: 'A', seen: aAtB },
  ]
  return html`<main class="cell">
    <nav class="crumbs"><a href="#">← all combinations</a></nav>
    <h2>A behind ${natA}, B behind ${natB} <small>${planeText(cell)}</small></h2>
    ${ways.map(
      ({ observer, target, seen }) =>
        html`<h3>${target} at ${observer}</h3>
          <div class="pair">
            <section aria-label="Ladder of ${target} at ${observer}">
              ${Ladder({ cell: seen ?? undefined })}
            </section>
            <section class="why" aria-label="Why ${target} at ${observer}">
              ${Why({ cell: seen ?? undefined, observer, target })}
            </section>
          </div>`,
    )}
  </main>`
}
