import type { NodeGlance } from './glance.ts'

const LINKS = [
  'v1/status',
  'v1/peers',
  'v1/discovery',
  'v1/events',
  'metrics',
  'openapi.json',
] as const

/** The nodes of a cluster on one page without a script: who they are, how they are, and where to ask further. */
export function indexPage(glances: readonly NodeGlance[]): string {
  const rows = glances.map(({ name, status, error }) => {
    const links = LINKS.map(
      (link) => `<a href="/nodes/${escape(name)}/${link}">${link.replace('v1/', '')}</a>`,
    )
    const told =
      status === null
        ? [escape(error ?? 'unknown'), '', '', '', '']
        : [
            status.ready ? 'ready' : `waits for ${escape(status.waitingFor.join('; '))}`,
            status.mode,
            String(status.listed),
            status.announced.map(escape).join('<br>'),
            `<code>${escape(status.peerId)}</code>`,
          ]
    const cells = [`<b>${escape(name)}</b>`, ...told, links.join(' ')]
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
  })
  const head = ['node', 'state', 'mode', 'lists', 'announces', 'peer id', 'ask']
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>kadlab</title>',
    '<style>body{font:15px system-ui;margin:2rem}td,th{padding:.3rem .8rem .3rem 0;text-align:left;',
    'vertical-align:top}code{font-size:.8em}:root{color-scheme:light dark}</style>',
    '<h1>kadlab</h1><table>',
    `<tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr>`,
    ...rows,
    '</table><p><a href="/discovery">who sees whom, and why not</a>, <a href="/nodes">this page as JSON</a></p></html>\n',
  ].join('\n')
}

function escape(text: string): string {
  return text.replaceAll(
    /[&<>"']/g,
    (character) =>
      ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[character] ?? '',
  )
}
