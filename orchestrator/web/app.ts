import { html } from 'htm/preact'
import type { VariantPicture } from '#orchestrator/picture/picture.ts'
import { CellScreen } from './cell-screen.ts'
import { Matrix } from './matrix.ts'
import { NodeScreen } from './node-screen.ts'
import { Proofs } from './proofs-view.ts'
import { SideBySide } from './side-by-side-view.ts'
import { Steps } from './steps-view.ts'
import { linkTo, picture, route, source, variant } from './store.ts'
import { Timeline } from './timeline.ts'
import { Topology } from './topology.ts'
import { Verdict } from './verdict.ts'

/** The page: the verdict, then what the address names. */
export function App(): unknown {
  const shown = variant.value
  return html`<${VerdictOfNow} /> ${shown === null ? NothingYet() : Screen({ shown })}
    ${shown !== null && html`<${Timeline} variant=${shown} />`}`
}

function Screen({ shown }: { shown: VariantPicture }): unknown {
  const { node, target } = route.value
  const known = (name: string | null): name is string =>
    shown.nodes.some(({ plan }) => plan.name === name)
  if (node !== null && target !== null && known(node) && known(target)) {
    return CellScreen({ variant: shown, observer: node, target })
  }
  if (node !== null && target === null && known(node))
    return NodeScreen({ variant: shown, name: node })
  return RunScreen({ shown })
}

function RunScreen({ shown }: { shown: VariantPicture }): unknown {
  const now = picture.value
  return html`<main>
    ${SideBySide({ picture: now })}
    <section>
      <h2>${headOf(shown)} ${shown.title !== '' && html` <small>${shown.title}</small>`}</h2>
      <div class="columns">
        <div>
          <h3>Who sees whom</h3>
          ${Matrix({ variant: shown })}
        </div>
        ${
          source.value !== 'cluster' &&
          html`<div>
            <h3>Steps</h3>
            ${Steps({ variant: shown })}
          </div>`
        }
      </div>
    </section>
    <section>
      <h3>Network</h3>
      <${Topology} variant=${shown} />
    </section>
    ${Proofs({ proofs: now.proofs })}
  </main>`
}

function headOf({ name }: VariantPicture): string {
  if (source.value === 'cluster') return 'The nodes now'
  return picture.value.variants.length > 1 || name !== 'default' ? name : 'The run'
}

function NothingYet(): unknown {
  const wanted = route.value.variant
  const { start, variants } = picture.value
  if (start === null) return null
  if (wanted !== null && variants.length > 0) {
    return html`<main>
      <p class="empty">At this moment there is no variant ${wanted}.</p>
      <p>
        ${variants.map(({ name }) => html`<a href=${linkTo({ variant: name, node: null, target: null })}>${name}</a> `)}
      </p>
    </main>`
  }
  return html`<main>
    <p class="empty">
      No variant has
      begun${picture.value.state === 'running' ? ' yet: networks and routers come first' : ''}.
    </p>
    ${Proofs({ proofs: picture.value.proofs })}
  </main>`
}

function VerdictOfNow(): unknown {
  return Verdict({ picture: picture.value })
}
