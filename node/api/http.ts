import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { ApiAddress } from '../config-values.ts'
import { createHttpApp, type MetricsSource } from './http-app.ts'
import { listen } from './http-listen.ts'
import type { NodeApi } from './node-api.ts'

export interface HttpFace extends AsyncDisposable {
  /** Where it listens: the path of the socket, or `host:port`. */
  readonly address: string
  /** Ends every connection; calls under way and event streams are given up. */
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
  const app = createHttpApp(api, { metrics: options.metrics })
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = createServer((request, response) => {
    void handle(request, response)
  })
  const address = await listen(server, options.listen)
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  server.once('close', () => resolve())

  const stop = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await closed
  }
  return { address, stop, [Symbol.asyncDispose]: stop }
}
