import type { Readable, Writable } from 'node:stream'
import type { MetricsSource } from './api/http-app.ts'
import type { HttpFace } from './api/http-listen.ts'
import { serveLines } from './api/lines.ts'
import type { NodeApi } from './api/node-api.ts'
import type { NodeConfig } from './config.ts'
import type { Log } from './log.ts'

export interface FacesComponents {
  api: NodeApi
  log: Log
  /** Null where the node counts nothing. */
  metrics: MetricsSource | null
  input: Readable
  output: Writable
}

type FacesConfig = Pick<NodeConfig, 'stdioApi' | 'apiListen' | 'metricsListen'>

/** The faces of a node towards other processes. */
export interface Faces extends AsyncDisposable {
  /** Serves HTTP where the configuration says so. Rejects with ApiListenError. */
  openHttp(): Promise<void>
}

/**
 * Opens the lines face at once, where it is switched on. The HTTP face is for after the node's start: its modules take
 * a while to load, a node that nobody asks over HTTP never loads them, and peers need not wait for it.
 */
export function openFaces(config: FacesConfig, components: FacesComponents): Faces {
  const { api, log, metrics, input, output } = components
  const opened = new AsyncDisposableStack()
  if (config.stdioApi) opened.use(serveLines(api, { input, output }))
  const keep = (face: HttpFace, what: string): void => {
    opened.use(face)
    log.info({ address: face.address }, `${what} over HTTP`)
  }
  return {
    async openHttp() {
      if (config.apiListen !== null) {
        const { serveHttp } = await import('./api/http.ts')
        keep(await serveHttp(api, { listen: config.apiListen, metrics }), 'serving the API')
      }
      if (config.metricsListen !== null && metrics !== null) {
        const { serveMetrics } = await import('./api/metrics-http.ts')
        keep(await serveMetrics(metrics, { listen: config.metricsListen }), 'serving metrics')
      }
    },
    [Symbol.asyncDispose]: async () => opened.disposeAsync(),
  }
}
