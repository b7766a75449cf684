import { html } from 'htm/preact'
import { type ComponentChild, render } from 'preact'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { App } from './app.ts'
import { followEvents } from './live.ts'
import { followAddress, omitted, source, take } from './store.ts'

/** The page holds its events in itself, one a line, or says where they come from. */
const held = document.querySelector('#events')
const stream = document.documentElement.dataset['events']

omitted.value = Number(document.documentElement.dataset['omitted'] ?? 0)
followAddress()
const lines = (held?.textContent ?? '').split('\n').filter((line) => line !== '')
take(lines.map((line) => JSON.parse(line) as RunEvent))
if (stream !== undefined) {
  source.value = 'live'
  followEvents(stream)
}
const root = document.querySelector('#page')
if (root !== null) render(html`<${App} />` as ComponentChild, root)
