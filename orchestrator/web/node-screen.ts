import { html } from 'htm/preact'
import { shortAddress } from '#node/view/text.ts'
import { countBefore } from '#orchestrator/picture/event-index.ts'
import {
  type NodePicture,
  pairKey,
  STRANGER,
  type VariantPicture,
} from '#orchestrator/picture/picture.ts'
import { BucketTree } from './bucket-tree.ts'
import { EventList } from './event-list.ts'
import { LogView } from './log-view.ts'
import { rungLook } from './marks.ts'
import { Records } from './records-view.ts'
import { history, linkTo, route } from './store.ts'

/** One node: its addresses and where each comes from, its peers, its records, its log, and what it said. */
export function NodeScreen({ variant, name }: { variant: VariantPicture; name: string }): unknown {
  const node = variant.nodes.find(({ plan }) => plan.name === name)
  if (node === undefined) return null
  const all = history.index.ofNode(variant.name, name)
  const events = all.slice(0, countBefore(all, route.value.at ?? history.events.length))
  const { plan, state, ready, agent, mode, stored } = node
  const facts = [
    state,
    ...(ready ? ['ready'] : []),
    ...(mode === null ? [] : [`Kademlia ${mode}`]),
    ...(agent === null ? [] : [agent]),
    `${stored} ${stored === 1 ? 'record' : 'records'} stored`,
  ]
  return html`<main>
    <nav class="crumbs"><a href=${linkTo({ node: null, target: null })}>← ${variant.name}</a></nav>
    <h2>${name} <small>${plan.site}</small></h2>
    <p class="facts">${facts.join(' · ')}</p>
    <p class="facts"><code>${plan.peerId}</code></p>
    <div class="columns">
      <section>
        <h3>Addresses</h3>
        ${Addresses({ node, variant })}
      </section>
      <section>
        <h3>Peers</h3>
        ${Peers({ node, variant })}
      </section>
    </div>
    <section>
      <h3>Routing table</h3>
      ${BucketTree({ node, variant })}
    </section>
    <section>
      <h3>Records</h3>
      ${Records({ said: events, variant })}
    </section>
    <section>
      <h3>Log</h3>
      <${LogView} variant=${variant} name=${name} />
    </section>
    <section>
      <h3>What it said</h3>
      ${EventList({ events, variant, empty: 'It has said nothing so far.' })}
    </section>
  </main>`
}

/** Each address once, with everything that is known of it. */
function Addresses({ node, variant }: { node: NodePicture; variant: VariantPicture }): unknown {
  const { plan, listening, announcing, observed } = node
  const dialled = variant.nodes.flatMap(({ peers }) =>
    Object.entries(peers[plan.peerId]?.dialled ?? {}),
  )
  const all = [
    ...new Set([...announcing, ...listening, ...observed, ...dialled.map(([address]) => address)]),
  ]
  if (all.length === 0) return html`<p class="empty">None is known so far.</p>`
  return html`<ul class="addresses">
    ${all.map((address) => {
      const tries = dialled.filter(([tried]) => tried === address).map(([, outcome]) => outcome)
      const worked = tries.includes(null)
      const says = [
        ...(announcing.includes(address) ? ['announced'] : []),
        ...(listening.includes(address) ? ['listens'] : []),
        ...(observed.includes(address) ? ['observed by others'] : []),
        ...(worked ? ['confirmed: a dial succeeded'] : []),
        ...(tries.length > 0 && !worked
          ? [`dead: ${tries.find((outcome) => outcome !== null) ?? ''}`]
          : []),
      ]
      const look = worked ? 'good' : tries.length > 0 ? 'bad' : ''
      return html`<li class=${look}>
        <code>${shortAddress(address)}</code> <span>${says.join(', ')}</span>
      </li>`
    })}
  </ul>`
}

function Peers({ node, variant }: { node: NodePicture; variant: VariantPicture }): unknown {
  const others = variant.nodes.filter(({ plan }) => plan.name !== node.plan.name)
  if (others.length === 0) return html`<p class="empty">There is no other node.</p>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Peers">
    <table class="plain">
      <thead>
        <tr>
          <th scope="col">peer</th>
          <th scope="col">rung here</th>
          <th scope="col">connection</th>
          <th scope="col">listed at</th>
        </tr>
      </thead>
      <tbody>
        ${others.map(({ plan }) => {
          const { connection, listed } = node.peers[plan.peerId] ?? STRANGER
          const cell = variant.cells[pairKey(node.plan.name, plan.name)]
          const look = cell === undefined ? null : rungLook(cell)
          return html`<tr>
            <th scope="row">
              <a href=${linkTo({ node: node.plan.name, target: plan.name })}>${plan.name}</a>
            </th>
            <td class=${look?.look ?? 'dim'}>
              ${look === null ? '?' : `${look.mark} ${cell?.rung ?? ''}`}
            </td>
            <td>
              ${connection === null ? html`<span class="dim">none</span>` : `${connection.direction}, ${shortAddress(connection.address)}`}
            </td>
            <td>
              ${listed === null ? html`<span class="dim">not listed</span>` : listed.map(shortAddress).join(', ')}
            </td>
          </tr>`
        })}
      </tbody>
    </table>
  </div>`
}
