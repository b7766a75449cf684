import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono } from 'hono'
import { NotFoundError } from '../api/errors.ts'
import { admit } from '../api/http/admission.ts'
import type { MetricsSource } from '../api/http/app.ts'
import { createHttpClient } from '../api/http/client.ts'
import { type HttpFace, openFace } from '../api/http/listen.ts'
import { problem, problemOf, problemResponse } from '../api/http/problem.ts'
import { createFaceServer } from '../api/http/server.ts'
import { describeError } from '../base/errors.ts'
import type { ApiAddress } from '../config/values.ts'
import { systemClock } from '../time/clock.ts'
import { within } from '../time/deadline.ts'
import { discoveryPage } from './discovery-page.ts'
import { forward } from './forward.ts'
import { glances, nodeNames, socketOf } from './glance.ts'
import { indexPage } from './index-page.ts'

export interface GatewayOptions {
  listen: ApiAddress
  /** Folder with a folder for each node, named after it, that holds the socket `api.sock` of its API. */
  nodes: string
  /** Names by peer id, for nodes that do not say themselves who they are. */
  peerNames: ReadonlyMap<string, string>
  /** The page that shows them as they are, as HTML; null where there is none, and the index stands in for it. */
  page: string | null
  /** What callers must show, and what is shown to the nodes. Default: null, nothing. */
  token?: string | null
  /** Requests under way at a time. Default: as a node's. */
  maxRequests?: number
  /** Of this process, not of any node. */
  metrics: MetricsSource
}

/** What a node may be called: one part of a path, never one that leads elsewhere. */
const NODE_PATH = /^\/nodes\/([A-Za-z0-9][A-Za-z0-9_-]*)(\/.*)$/

/** Time for a node to say how it sees others, with a dial of each. */
const DISCOVERY_WITHIN_MS = 20_000

/**
 * Serves the APIs of several nodes, each on a unix socket, at one address: `/nodes/<name>/v1/…`,
 * `/nodes/<name>/metrics`, `/discovery` (who sees whom, as text), its own `/metrics`, and an index. It has no part in the
 * peers' network, so that no node needs a second one.
 *
 * @throws ApiListenError where the address cannot be used.
 */
export async function serveGateway(options: GatewayOptions): Promise<HttpFace> {
  return openFace(
    createFaceServer(createGatewayApp(options).fetch, options.maxRequests),
    options.listen,
  )
}

function createGatewayApp(options: GatewayOptions): Hono<{ Bindings: HttpBindings }> {
  const { nodes: folder, page, peerNames, metrics, token = null } = options
  const app = new Hono<{ Bindings: HttpBindings }>()

  app.onError((error) => problemResponse(problemOf(error)))
  app.use(admit({ token, isForBrowsers: true }))
  app.use(async (c, next) => {
    c.header('x-content-type-options', 'nosniff')
    await next()
  })
  app.get('/healthz', (c) => c.text('ok'))
  app.get('/metrics', async (c) =>
    c.body(await metrics.metrics(), 200, { 'content-type': metrics.contentType }),
  )
  const index = async (c: Context): Promise<Response> =>
    c.html(indexPage(await glances(folder, { token })))
  app.get('/', (c) => (page === null ? index(c) : c.html(page)))
  app.get('/index', index)
  app.get('/nodes', async (c) => c.json(await glances(folder, { token })))
  app.get('/discovery', async (c) => {
    const ids = new Map([...peerNames].map(([peerId, name]) => [name, peerId]))
    const nodes = (await glances(folder, { token })).map(({ name, status }) => ({
      name,
      api: createHttpClient({ path: socketOf(folder, name) }, token),
      peerId: status?.peerId ?? ids.get(name) ?? null,
    }))
    const dialBack = c.req.query('dialBack') === 'true'
    return c.text(
      await within(systemClock, DISCOVERY_WITHIN_MS, undefined, async (signal) =>
        discoveryPage(nodes, { dialBack, signal }),
      ),
    )
  })
  app.all('*', async (c) => {
    const { incoming, outgoing } = c.env
    // As it was sent: hono and URL resolve `..` and percent-encoding, which are the node's to read.
    const url = incoming.url ?? '/'
    const [, name = '', path = ''] = NODE_PATH.exec(url) ?? []
    const names = await nodeNames(folder)
    if (!names.includes(name)) {
      const [seen] = url.split('?', 1)
      throw new NotFoundError(
        `expected /, /index, /discovery, /metrics, /nodes, or /nodes/<name>/… of one of ${names.join(', ')}; saw ${seen}`,
      )
    }
    try {
      await forward(incoming, outgoing, { socketPath: socketOf(folder, name), path })
    } catch (error) {
      if (!outgoing.headersSent) {
        const detail = `node ${name} does not answer: ${describeError(error)}`
        return problemResponse(problem('DisconnectedError', detail, 502))
      }
      outgoing.destroy()
    }
    return RESPONSE_ALREADY_SENT
  })
  return app
}
