import { html } from 'hono/html'
import type { NodeGlance } from './glance.ts'

/** A part of the page, with what came from elsewhere escaped. */
type Html = ReturnType<typeof html>

const LINKS = [
  'v1/status',
  'v1/peers',
  'v1/discovery',
  'v1/events',
  'metrics',
  'openapi.json',
] as const

const HEAD = ['node', 'state', 'mode', 'lists', 'announces', 'peer id', 'ask'] as const

/** The nodes of a cluster on one page without a script: who they are, how they are, and where to ask further. */
export function indexPage(glances: readonly NodeGlance[]): Html {
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>kadlab</title>
      <style>
        body {
          font: 15px system-ui;
          margin: 2rem;
        }
        td,
        th {
          padding: 0.3rem 0.8rem 0.3rem 0;
          text-align: left;
          vertical-align: top;
        }
        code {
          font-size: 0.8em;
        }
        :root {
          color-scheme: light dark;
        }
      </style>
      <h1>kadlab</h1>
      <table>
        <tr>
          ${HEAD.map((cell) => html`<th>${cell}</th>`)}
        </tr>
        ${glances.map(row)}
      </table>
      <p>
        <a href="/discovery">which node sees which, and why not</a>,
        <a href="/nodes">this page as JSON</a>
      </p>
    </html> `
}

function row({ name, status, error }: NodeGlance): Html {
  const links = LINKS.map(
    (link) => html`<a href="/nodes/${name}/${link}">${link.replace('v1/', '')}</a> `,
  )
  const state =
    status === null
      ? [error ?? 'unknown', '', '', '', '']
      : [
          status.ready ? 'ready' : `waits for ${status.waitingFor.join('; ')}`,
          status.mode,
          status.listed,
          status.announced.map((address) => html`${address}<br />`),
          html`<code>${status.peerId}</code>`,
        ]
  return html`<tr>
    <td><b>${name}</b></td>
    ${state.map((cell) => html`<td>${cell}</td>`)}
    <td>${links}</td>
  </tr> `
}
