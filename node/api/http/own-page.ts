import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'

/** A request as far as it says who sends it. */
export interface Sender {
  method: string
  /** Without a query. */
  path: string
  headers: IncomingHttpHeaders
}

/**
 * Whether a request may come from this machine's own pages and programs. Loopback needs no API_TOKEN: it
 * keeps other machines out, but not the pages of other sites in a browser on this one: those come under their site's own
 * name (which may resolve to 127.0.0.1), or marked by the browser as cross-site, or with the origin of their site.
 *
 * Metrics are numbers alone, and Prometheus asks for them under whatever name a network has for this machine.
 */
export function isOwnPage({ method, path, headers }: Sender): boolean {
  const { host = 'localhost', origin } = headers
  const site = headers['sec-fetch-site']
  const isScrape = method === 'GET' && path.endsWith('/metrics') && !isOfBrowser(headers)
  if (!isOwnHost(host) && !isScrape) return false
  if (origin !== undefined && hostOfOrigin(origin) !== host) return false
  return site !== 'cross-site' || headers['sec-fetch-mode'] === 'navigate'
}

/**
 * What a browser says of itself, whatever page asks, and no page can leave out. The site it says only to names that it
 * trusts: not over plain HTTP under the name of another site.
 */
function isOfBrowser(headers: IncomingHttpHeaders): boolean {
  return (
    headers['sec-fetch-site'] !== undefined ||
    headers['accept-language'] !== undefined ||
    (headers['user-agent'] ?? '').startsWith('Mozilla/')
  )
}

/** An address, which no other site has for a name, or a name that this machine gives itself. */
function isOwnHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replaceAll(/[[\]]/g, '').toLowerCase()
  if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return true
  return name === hostname().toLowerCase()
}

/** Null for `null`, which a browser says for pages that it trusts with nothing. */
function hostOfOrigin(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}
