import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/**
 * Whether a request may come from this machine's own pages and programs. The API has no authentication, and loopback
 * keeps other machines out but not the pages of other sites in a browser on this one: those come under their site's own
 * name (which may resolve to 127.0.0.1), or marked by the browser as cross-site.
 */
export function isOwnPage(headers: IncomingHttpHeaders): boolean {
  const host = (headers.host ?? 'localhost').replace(/:\d+$/, '').replaceAll(/[[\]]/g, '')
  // A name without a dot is this machine's, or a service's of the same project.
  const isOwnHost = isIP(host) !== 0 || !host.includes('.') || host.endsWith('.localhost')
  const site = headers['sec-fetch-site']
  return isOwnHost && (site !== 'cross-site' || headers['sec-fetch-mode'] === 'navigate')
}
