import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { ApiAddress } from '../config-values.ts'
import { createHttpApp, type MetricsSource } from './http-app.ts'
import { listen } from './http-listen.ts'
import type { NodeApi } from './node-api.ts'

export interface HttpFace extends AsyncDisposable {
  /** Where it listens: the path of the socket, or `host:port`. */
  readonly address: string
  /** Ends event streams, then connections. Calls under way are given up. */
  stop(): Promise<void>
}

export interface HttpOptions {
  listen: ApiAddress
  /** Null where the node counts nothing. */
  metrics: MetricsSource | null
}

/**
 * The HTTP face of a node, for people, curl, Prometheus and health checks.
 *
 * @throws ApiListenError where the address cannot be used.
 */
export async function serveHttp(api: NodeApi, options: HttpOptions): Promise<HttpFace> {
  const stopped = new AbortController()
  const app = createHttpApp(api, { metrics: options.metrics, signal: stopped.signal })
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = createServer((request, response) => {
    void handle(request, response)
  })
  const address = await listen(server, options.listen)
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  server.once('close', () => resolve())

  const stop = async (): Promise<void> => {
    if (!stopped.signal.aborted) {
      stopped.abort()
      server.close()
      server.closeAllConnections()
    }
    await closed
  }
  return { address, stop, [Symbol.asyncDispose]: stop }
}
