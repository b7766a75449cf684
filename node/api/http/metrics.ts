import { describeError } from '../../base/errors.ts'
import { type Log, silentLog } from '../../base/log.ts'
import type { ApiAddress } from '../../config/values.ts'
import type { MetricsSource } from './app.ts'
import { type HttpFace, openFace } from './listen.ts'
import { isOwnPage } from './own-page.ts'
import { problem, problemOf, problemResponse } from './problem.ts'
import { createFaceServer } from './server.ts'

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
  const server = createFaceServer(async ({ method, url, headers }) => {
    const path = new URL(url).pathname
    if (!isOwnPage({ method, path, headers: Object.fromEntries(headers) })) {
      source.refused?.('ForbiddenError')
      return problemResponse(problem('ForbiddenError', 'pages of other sites are not answered'))
    }
    if (method !== 'GET' || path !== '/metrics') {
      return problemResponse(problem('NotFoundError', 'only GET /metrics is here'))
    }
    try {
      return new Response(await source.metrics(), {
        headers: { 'content-type': source.contentType },
      })
    } catch (error) {
      log.error({ error: describeError(error) }, 'the metrics could not be made')
      return problemResponse(problemOf(error))
    }
  })
  return openFace(server, listen)
}
