import { createHash } from 'node:crypto'
import type { WebClient } from '#orchestrator/report/web-client.ts'

/** The lab's page, and the policy that goes with it. */
export interface LabPage {
  html: string
  /** Value of the header `content-security-policy`. */
  policy: string
}

/**
 * The page in which scenarios are written. It asks its own server alone, and frames pages of this machine: runs have a
 * port, and so an origin, of their own.
 *
 * @param nonce - of styles: the editor makes its own while it runs
 */
export function labPage({ script, style }: WebClient, nonce: string): LabPage {
  const code = script
    .replaceAll('</script', String.raw`<\/script`)
    .replaceAll('<!--', String.raw`<\!--`)
  const hash = createHash('sha256').update(code).digest('base64')
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    `style-src 'nonce-${nonce}'`,
    'img-src data:',
    "connect-src 'self'",
    'frame-src http://127.0.0.1:*',
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>kadlab</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<div id="page"><noscript>This page draws itself with JavaScript.</noscript></div>
<script>${code}</script>
</body>
</html>
`
  return { html, policy }
}
