import { html } from 'htm/preact'
import { useEffect, useRef } from 'preact/hooks'
import { createEditor } from './editor.ts'
import type { LabRun, LabStart } from './protocol.ts'
import {
  fabric,
  faults,
  goTo,
  pick,
  realTime,
  run,
  runText,
  seed,
  start,
  stopRun,
  textChanged,
  textNow,
  trouble,
  useEditor,
} from './store.ts'

/** The lab: what is written at the left, what came of it at the right, or below. */
export function LabApp(): unknown {
  const begin = start.value
  return html`<header>
      <h1>kadlab</h1>
      ${begin !== null && html`<${Bar} begin=${begin} />`}
    </header>
    <p class="trouble" role="alert">${trouble.value}</p>
    <main>
      ${begin !== null && html`<${Writing} begin=${begin} />`}
      <${Outcome} />
    </main>`
}

function Bar({ begin }: { begin: LabStart }): unknown {
  const { scenarios, fabrics } = begin
  const isUnderWay = run.value !== null && run.value.state !== 'ended'
  const isSlow = fabrics.some(({ name, simulatesTime }) => name === fabric.value && !simulatesTime)
  return html`<form
    onSubmit=${(event: Event) => {
      event.preventDefault()
      void runText()
    }}
  >
    <label
      >Scenario
      <select onChange=${(event: Event) => void pick(valueOf(event))}>
        <option value="">a new one</option>
        ${scenarios.map(({ name, title }) => html`<option value=${name} title=${title}>${name}</option>`)}
      </select></label
    >
    <label
      >Runs on
      <select
        value=${fabric.value}
        onChange=${(event: Event) => {
          fabric.value = valueOf(event)
          textChanged()
        }}
      >
        ${fabrics.map(({ name, doc }) => html`<option value=${name} title=${doc}>${name}</option>`)}
      </select></label
    >
    <label
      >Seed
      <input
        type="number"
        min="0"
        max="4294967295"
        required
        value=${seed.value}
        onInput=${(event: Event) => (seed.value = Number(valueOf(event)))}
    /></label>
    <label class="check"
      ><input
        type="checkbox"
        checked=${isSlow || realTime.value}
        disabled=${isSlow}
        onChange=${() => (realTime.value = !realTime.value)}
      />
      in real time</label
    >
    <button type="submit" class="run" disabled=${isUnderWay} title="Ctrl-Enter in the editor">
      Run
    </button>
    <button
      type="button"
      disabled=${run.value?.state !== 'running'}
      onClick=${() => void stopRun()}
    >
      Stop
    </button>
    <button type="button" onClick=${save}>Save</button>
  </form>`
}

function Writing({ begin }: { begin: LabStart }): unknown {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (place.current === null) return
    const { schema, variables, scenarios } = begin
    useEditor(
      createEditor(place.current, {
        language: { schema, variables, scenarios },
        onChange: textChanged,
        onRun: () => void runText(),
      }),
    )
  }, [begin])
  return html`<section aria-label="What is written">
    <div class="editor" ref=${place}></div>
    <${Faults} />
  </section>`
}

function Faults(): unknown {
  const found = faults.value
  if (found === null) return html`<p class="state" role="status">…</p>`
  if (found.length === 0) {
    return html`<p class="state good" role="status">✔ nothing is wrong in it</p>`
  }
  return html`<div role="status">
    <p class="state bad">
      ✘ ${found.length === 1 ? 'one thing is' : `${found.length} things are`} wrong in it
    </p>
    <ul class="faults">
      ${found.map(
        (fault) =>
          html`<li>
            <button type="button" onClick=${() => goTo(fault)}>
              line ${fault.line}, column ${fault.column}
            </button>
            <span>${fault.message}</span>
          </li>`,
      )}
    </ul>
  </div>`
}

function Outcome(): unknown {
  const newest = run.value
  if (newest === null) {
    return html`<section class="outcome" aria-label="Run">
      <p class="empty">Nothing has run yet. Ctrl-Enter in the editor runs what is written there.</p>
    </section>`
  }
  const { scenario, fabric, url, said } = newest
  const { look, text } = standing(newest)
  return html`<section class="outcome" aria-label="Run">
    <p class="state ${look}" role="status">
      <b>${text}</b>
      ${' '}<span class="dim">${scenario} on ${fabric}</span>${' '}
      <a href=${url} target="_blank" rel="noopener">its page alone</a>
    </p>
    ${said !== '' && html`<pre class="said">${said}</pre>`}
    <iframe
      key=${url}
      src=${url}
      title="What happens in the run"
      sandbox="allow-scripts allow-same-origin"
      allow="clipboard-write"
    ></iframe>
  </section>`
}

/** What each exit status of the command says. */
const STATUSES: Readonly<Record<number, { look: string; text: string }>> = {
  0: { look: 'good', text: '✔ every expectation holds' },
  1: { look: 'bad', text: '✘ an expectation does not hold' },
  2: { look: 'bad', text: '✘ the scenario cannot run' },
  3: { look: 'bad', text: '✘ it could not be run here' },
  130: { look: '', text: '■ stopped' },
}

function standing({ state, status }: LabRun): { look: string; text: string } {
  if (state === 'running') return { look: '', text: '… is running' }
  if (state === 'stopping') return { look: '', text: '… is stopping' }
  return STATUSES[status ?? -1] ?? { look: 'bad', text: '✘ ended without a verdict' }
}

/** Gives the text to the browser as a file. */
function save(): void {
  const text = textNow()
  const name = /^name:\s*([a-z0-9-]+)\s*$/m.exec(text)?.[1] ?? 'scenario'
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${name}.yaml`
  link.click()
  URL.revokeObjectURL(url)
}

function valueOf({ currentTarget }: Event): string {
  return (currentTarget as HTMLSelectElement | HTMLInputElement).value
}
