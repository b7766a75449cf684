import { html } from 'htm/preact'
import { type ComponentChild, render } from 'preact'
import type { GridReport } from '#orchestrator/picture/grid.ts'
import type { PacketLine } from '#orchestrator/picture/packets.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'
import { App } from './app.ts'
import { followCluster } from './cluster.ts'
import { followGridAddress, GridApp } from './grid-screen.ts'
import { followEvents } from './live.ts'
import { readJson } from './read-json.ts'
import { followAddress, omitted, source, take } from './store.ts'

/** The page holds a grid, or the events of a run, one a line; or it says where they come from. */
const root = document.querySelector('#page')
const grid = document.querySelector('#grid')?.textContent ?? ''
if (root !== null) render(grid === '' ? runPage() : gridPage(grid), root)

function gridPage(json: string): ComponentChild {
  followGridAddress()
  return html`<${GridApp} report=${readJson(json) as GridReport} />` as ComponentChild
}

function runPage(): ComponentChild {
  const { events: stream, omitted: left = '0' } = document.documentElement.dataset
  omitted.value = Number(left)
  followAddress()
  const held = document.querySelector('#events')?.textContent ?? ''
  const lines = held.split('\n').filter((line) => line !== '')
  take(lines.map((line) => readJson(line) as RunEvent | PacketLine))
  if ('cluster' in document.documentElement.dataset) void followCluster()
  if (stream !== undefined) {
    source.value = 'live'
    followEvents(stream)
  }
  return html`<${App} />` as ComponentChild
}
