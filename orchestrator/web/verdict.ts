import { html } from 'htm/preact'
import type { RunPicture } from '#orchestrator/picture/picture.ts'
import { duration } from './marks.ts'
import { linkTo, omitted, source } from './store.ts'

/** The verdict first: what ran, where, and what came of it. */
export function Verdict({ picture }: { picture: RunPicture }): unknown {
  if (source.value === 'cluster') return ClusterVerdict({ picture })
  const { start, state, failure, progress } = picture
  if (start === null) {
    return html`<header class="verdict open">
      <h1>${source.value === 'live' ? 'Waiting for the run to begin' : 'An empty report'}</h1>
      <p>
        ${
          source.value === 'live'
            ? 'What happens appears here by itself.'
            : 'No event of a run is in this page. Run the scenario again to get one.'
        }
      </p>
    </header>`
  }
  const { text, mark, look } = {
    waiting: { text: 'is about to run', mark: '…', look: 'open' },
    running: { text: 'is running', mark: '…', look: 'open' },
    held: { text: 'holds', mark: '✔', look: 'good' },
    fallen: { text: 'does not hold', mark: '✘', look: 'bad' },
    failed: { text: 'came to no verdict', mark: '✘', look: 'bad' },
  }[state]
  const sentence = `${start.scenario} ${text} on ${start.fabric}`
  const { libp2p, engine } = start.versions
  const time = start.time === 'simulated' ? 'of simulated time' : ''
  const facts = [
    ...(start.extends === undefined ? [] : [`extends ${start.extends}`]),
    `seed ${start.seed}`,
    `${duration(picture.atMs)} ${time}`.trim(),
    ...(libp2p === undefined ? [] : [`libp2p ${libp2p}`]),
    ...(engine === undefined ? [] : [`engine ${engine}`]),
  ]
  return html`<header class="verdict ${look}" aria-live="polite">
    <h1><span class="mark" aria-hidden="true">${mark}</span> ${sentence}</h1>
    <p class="title">${start.title}</p>
    ${start.about !== undefined && html`<p class="about">${start.about}</p>`} ${Fallen({ picture })}
    ${failure !== null && html`<pre class="failure">${failure.name}: ${failure.message}</pre>`}
    ${state === 'running' && progress !== null && html`<p class="progress">${progress}</p>`}
    <p class="facts">${facts.join(' · ')}</p>
    ${source.value === 'lost' && html`<p class="fallen">The run does not answer any more: this is its last known state.</p>`}
    ${
      omitted.value > 0 &&
      html`<p class="note">
        ${omitted.value} events of nodes did not fit into this page: moments in between are not
        exact. events.ndjson beside it has all of them.
      </p>`
    }
    ${
      picture.kept !== null &&
      html`<details>
        <summary>The lab stays up</summary>
        <pre>${picture.kept}</pre>
      </details>`
    }
  </header>`
}

/** More than these are read below. */
const MOST_FALLEN = 5

/** What did not come true, and what was seen instead. */
function Fallen({ picture }: { picture: RunPicture }): unknown {
  const all = picture.variants.flatMap(({ name, steps }) =>
    steps
      .flatMap(({ results }) => results)
      .filter(({ holds }) => !holds)
      .map((result) => ({ name, ...result })),
  )
  if (all.length === 0) return null
  const left = all.length - MOST_FALLEN
  return html`<ul class="fallen">
    ${all.slice(0, MOST_FALLEN).map(
      ({ name, text, expected, seen }) =>
        html`<li>
          <a href=${linkTo({ variant: name, node: null, target: null })}>${name}</a>: ${text}
          <span>expected ${expected}, saw ${seen}</span>
        </li>`,
    )}
    ${left > 0 && html`<li>and ${left} more</li>`}
  </ul>`
}

/** How the nodes of a cluster are, and where to ask further. */
function ClusterVerdict({ picture }: { picture: RunPicture }): unknown {
  const [now] = picture.variants
  const all = now?.nodes.length ?? 0
  const ready = now?.nodes.filter((node) => node.ready).length ?? 0
  const red = Object.values(now?.cells ?? {}).filter(({ cause }) => cause !== null).length
  const look = now === undefined ? 'open' : ready === all ? 'good' : 'bad'
  const mark = { open: '…', good: '✔', bad: '✘' }[look]
  const sentence = now === undefined ? 'Asking who is there' : `${ready} of ${all} nodes are ready`
  const pairs = red === 1 ? '1 pair is' : `${red} pairs are`
  return html`<header class="verdict ${look}" aria-live="polite">
    <h1><span class="mark" aria-hidden="true">${mark}</span> ${sentence}</h1>
    <p class="title">
      ${red === 0 ? 'Each peer that they know of can be dialled.' : `${pairs} not dialable: the matrix says which, and why.`}
    </p>
    <p class="facts">
      <a href="/discovery">as text</a>, <a href="/nodes">as JSON</a>,
      ${html`<a href="/index">each node's API</a>`}, <a href="/metrics">metrics</a>
    </p>
  </header>`
}
