import type { ApiAddress } from '../../config/values.ts'
import type { NodeApi } from '../node-api.ts'
import { createHttpApp, type HttpAppOptions } from './app.ts'
import { type HttpFace, openFace } from './listen.ts'
import { createFaceServer } from './server.ts'

export interface HttpOptions extends HttpAppOptions {
  listen: ApiAddress
}

/**
 * The HTTP face of a node, for people, curl, Prometheus and health checks.
 *
 * @throws ApiListenError where the address cannot be used.
 */
export async function serveHttp(
  api: NodeApi,
  { listen, ...options }: HttpOptions,
): Promise<HttpFace> {
  const app = createHttpApp(api, { ...options, isForBrowsers: !('path' in listen) })
  const server = createFaceServer(app.fetch, options.limits?.requests, (why) =>
    options.metrics?.refused?.(why),
  )
  return openFace(server, listen)
}
