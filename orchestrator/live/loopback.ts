import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LivePageError } from './errors.ts'

/**
 * Listens on loopback, and nowhere else.
 *
 * @param port - 0: a free one
 * @returns the port
 * @throws LivePageError where it cannot be had
 */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (cause) {
    const wanted = port === 0 ? 'a free port' : `port ${port}`
    throw new LivePageError(`expected ${wanted} of 127.0.0.1 for the page`, { cause })
  }
  return (server.address() as AddressInfo).port
}

/** Names under which a page of this machine is asked for at a port, as a request's `host` gives them. */
export function loopbackHosts(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`]
}

/** Ends a server: answers under way are let for a second, connections without one are closed. May be called twice. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  // A page that reads its last events is let, one that does not read is not waited for.
  const given = setTimeout(() => server.closeAllConnections(), 1000)
  server.closeIdleConnections()
  await closed
  clearTimeout(given)
}
