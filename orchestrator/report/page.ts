import { createHash } from 'node:crypto'
import type { WebClient } from './web-client.ts'

/** What a page holds, or where it gets it from. */
export interface PageContent {
  title: string
  /** Events as lines of JSON; null where they come from `stream`. */
  lines: readonly string[] | null
  /** A path of the same server that streams events; null in a page that holds them. */
  stream: string | null
  /** A grid as JSON, in the place of events. Default: none. */
  grid?: string
  /** Whether it follows the nodes behind the gateway that serves it. Default false. */
  cluster?: boolean
  /** Events that the page leaves out. Default 0. */
  omitted?: number
}

/**
 * One page that needs nothing beside itself: script, style and events are in it, and its policy lets it ask nobody but,
 * where it is live, its own server. Whatever peers said stands in it as data, which never ends the element that it is in.
 */
export function pageHtml({ script, style }: WebClient, content: PageContent): string {
  const { title, lines, stream, grid = null, cluster = false, omitted = 0 } = content
  const code = inScript(script)
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(code)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    `connect-src ${stream === null && !cluster ? "'none'" : "'self'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const data = [
    ...(cluster ? [' data-cluster'] : []),
    ...(stream === null ? [] : [` data-events="${escapeHtml(stream)}"`]),
    ...(omitted === 0 ? [] : [` data-omitted="${omitted}"`]),
  ].join('')
  const events =
    lines === null
      ? ''
      : `<script type="application/x-ndjson" id="events">\n${lines.map(inData).join('\n')}\n</script>\n`
  const table =
    grid === null ? '' : `<script type="application/json" id="grid">${inData(grid)}</script>\n`
  return `<!doctype html>
<html lang="en"${data}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<div id="page"><noscript>This page draws itself with JavaScript. report.json beside it holds the verdict.</noscript></div>
${events}${table}<script>${code}</script>
</body>
</html>
`
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

/** JSON that nothing in it takes for markup. */
function inData(json: string): string {
  return json.replaceAll('<', String.raw`\u003c`)
}

/** Code may hold the word that would end its element only in strings and expressions, where `\/` is `/`. */
function inScript(code: string): string {
  return code.replaceAll('</script', String.raw`<\/script`).replaceAll('<!--', String.raw`<\!--`)
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
