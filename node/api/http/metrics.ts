import { createServer } from 'node:http'
import type { ApiAddress } from '../../config/values.ts'
import type { MetricsSource } from './app.ts'
import { type HttpFace, openFace } from './listen.ts'

/**
 * Serves `/metrics` and nothing else: for a Prometheus on another machine, which must not reach the API.
 *
 * @throws ApiListenError where the address cannot be used.
 */
export async function serveMetrics(
  source: MetricsSource,
  options: { listen: ApiAddress },
): Promise<HttpFace> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('only GET /metrics is here\n')
      return
    }
    source.metrics().then(
      (text) => response.writeHead(200, { 'content-type': source.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  return openFace(server, options.listen)
}
