import { createServer } from 'node:http'
import { describeError } from '../../base/errors.ts'
import { type Log, silentLog } from '../../base/log.ts'
import type { ApiAddress } from '../../config/values.ts'
import type { MetricsSource } from './app.ts'
import { type HttpFace, openFace } from './listen.ts'

/**
 * Serves `/metrics` and nothing else: for a Prometheus on another machine, which must not reach the API.
 *
 * @param options.log where it is written why metrics could not be made. Default: nowhere.
 * @throws ApiListenError where the address cannot be used.
 */
export async function serveMetrics(
  source: MetricsSource,
  { listen, log = silentLog }: { listen: ApiAddress; log?: Log },
): Promise<HttpFace> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('only GET /metrics is here\n')
      return
    }
    source.metrics().then(
      (text) => response.writeHead(200, { 'content-type': source.contentType }).end(text),
      (error: unknown) => {
        log.error({ error: describeError(error) }, 'the metrics could not be made')
        response.writeHead(500).end()
      },
    )
  })
  return openFace(server, listen)
}
