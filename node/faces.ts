import type { Readable, Writable } from 'node:stream'
import type { MetricsSource } from './api/http/app.ts'
import type { HttpFace } from './api/http/listen.ts'
import { serveLines } from './api/lines/serve.ts'
import type { NodeApi } from './api/node-api.ts'
import type { Log } from './base/log.ts'
import type { NodeConfig } from './config/config.ts'
import { isWithinMachine } from './config/values.ts'

export interface FacesComponents {
  api: NodeApi
  log: Log
  /** Null where the node counts nothing. */
  metrics: MetricsSource | null
  input: Readable
  output: Writable
}

/** A token is no lock against who listens on the way. */
const IN_CLEAR =
  'who listens on the way reads the token and all values: keep it in a network of your own, or behind TLS'

type FacesConfig = Pick<
  NodeConfig,
  | 'stdioApi'
  | 'apiListen'
  | 'apiToken'
  | 'apiPublishedAt'
  | 'metricsListen'
  | 'maxKeyBytes'
  | 'maxValueBytes'
  | 'apiMaxBodyBytes'
  | 'apiMaxRequests'
>

/**
 * Opens the faces of a node towards other processes: lines on its standard streams, its API and its metrics over HTTP,
 * each where the configuration says so.
 *
 * This is for after the node's start. The modules of HTTP take a while to load, a node that nobody asks that way never loads
 * them, and peers need not wait for them. Nothing is lost: a face tells the events that came before it.
 *
 * @throws ApiListenError
 */
export async function openFaces(
  config: FacesConfig,
  components: FacesComponents,
): Promise<AsyncDisposable> {
  const { api, log, metrics, input, output } = components
  await using opened = new AsyncDisposableStack()
  const keep = (face: HttpFace, what: string): void => {
    opened.use(face)
    log.info({ address: face.address }, `${what} over HTTP`)
  }
  if (config.stdioApi) opened.use(serveLines(api, { input, output }))
  if (config.apiListen !== null) {
    const [{ serveHttp }, { apiLimits }] = await Promise.all([
      import('./api/http/serve.ts'),
      import('./api/http/limits.ts'),
    ])
    const limits = apiLimits(config)
    const { apiListen: listen, apiToken: token } = config
    const face = await serveHttp(api, { listen, token, metrics, log, limits })
    keep(face, 'serving the API')
    if (!isWithinMachine(listen, config.apiPublishedAt)) {
      log.warn({ address: face.address }, `the API is plain HTTP: ${IN_CLEAR}`)
    }
  }
  if (config.metricsListen !== null && metrics !== null) {
    const { serveMetrics } = await import('./api/http/metrics.ts')
    keep(await serveMetrics(metrics, { listen: config.metricsListen, log }), 'serving metrics')
  }
  return opened.move()
}
