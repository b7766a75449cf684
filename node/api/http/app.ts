import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { AbortOptions } from '../../base/abort-options.ts'
import { type Log, silentLog } from '../../base/log.ts'
import { checkedKey } from '../../store/items.ts'
import type { WriteOptions } from '../../store/outcomes.ts'
import { doubtsOf } from '../doubts.ts'
import { BadRequestError, MediaTypeError, NotFoundError } from '../errors.ts'
import type { NodeApi } from '../node-api.ts'
import { admit } from './admission.ts'
import { type Conditions, etagOf, isConditional, isUnchanged, requireWritable } from './etag.ts'
import { createEventStream } from './event-stream.ts'
import { API_LIMITS, type ApiLimits, limitBodies } from './limits.ts'
import { openApiDocument } from './openapi.ts'
import { problemOf, problemResponse, refusedAtTheDoor, type RefusedAtTheDoor } from './problem.ts'
import { ROUTES } from './routes.ts'
import { createWatchStream } from './watch-stream.ts'

/** Where the metrics of a node come from; `prom-client`'s Registry is one. */
export interface MetricsSource {
  readonly contentType: string
  metrics(): Promise<string>
  /** Told of each request that was refused at the door. */
  refused?(why: RefusedAtTheDoor): void
}

export interface HttpAppOptions {
  /** Null where the node counts nothing. */
  metrics: MetricsSource | null
  /** Where failures are logged that are no caller's fault. Default: nowhere. */
  log?: Log
  /** Browsers reach it, as they do whatever is not a unix socket: pages of other sites are refused. Default true. */
  isForBrowsers?: boolean
  /** What callers must show; null, the default, where whoever reaches it may ask. */
  token?: string | null
  /** Default: `API_LIMITS`. */
  limits?: ApiLimits
}

/** The HTTP face of a node as a web-standard application; `http.ts` puts it on a port or a socket. */
export function createHttpApp(api: NodeApi, options: HttpAppOptions): OpenAPIHono {
  const { log = silentLog, isForBrowsers = true, token = null, limits = API_LIMITS } = options
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw new BadRequestError(z.prettifyError(result.error))
    },
  })

  app.onError((error, c) => {
    const told = problemOf(error instanceof HTTPException ? named(error) : error)
    if (told.status === 500) {
      log.error({ path: c.req.path, error: told.detail }, 'a request failed')
    }
    const refused = refusedAtTheDoor(told.code)
    if (refused !== null) options.metrics?.refused?.(refused)
    return problemResponse(told)
  })
  app.notFound(() => {
    throw new NotFoundError('no such route; GET /openapi.json lists them')
  })

  app.use(admit({ token, isForBrowsers }))
  app.use(limitBodies(limits))
  for (const serve of Object.values(SERVED)) serve(app, api, limits)
  app.openapi(ROUTES.readyz, async (c) => {
    const status = await api.status(callOptions(c))
    const { ready, waitingFor } = status
    return c.json({ ready, waitingFor, doubts: doubtsOf(status) }, ready ? 200 : 503)
  })
  app.openapi(ROUTES.healthz, (c) => c.text('ok'))
  app.openapi(ROUTES.metrics, async (c) => {
    if (options.metrics === null) throw new NotFoundError('METRICS is no at this node')
    return c.body(await options.metrics.metrics(), 200, {
      'content-type': options.metrics.contentType,
    })
  })

  let document: ReturnType<typeof openApiDocument> | null = null
  app.get('/openapi.json', (c) => c.json((document ??= openApiDocument())))
  return app
}

type Serve = (app: OpenAPIHono, api: NodeApi, limits: ApiLimits) => void

/**
 * How each call of the API is served: a new one does not compile before it has its route here. A route that ends in a key
 * is routed by hand: a parameter of OpenAPI has no slashes in it.
 */
const SERVED: Readonly<Record<keyof NodeApi, Serve>> = {
  status: (app, api) =>
    app.openapi(ROUTES.status, async (c) => c.json(await api.status(callOptions(c)), 200)),
  peers: (app, api) =>
    app.openapi(ROUTES.peers, async (c) => c.json(await api.peers(callOptions(c)), 200)),
  discovery: (app, api) =>
    app.openapi(ROUTES.discovery, async (c) => {
      const { dialBack, again, target } = c.req.valid('query')
      const targets = target === undefined ? [] : [target].flat()
      const dials = { dialBack: dialBack === 'true', again: again === 'true' }
      return c.json(await api.discovery({ ...dials, targets, ...callOptions(c) }), 200)
    }),
  dial: (app, api) =>
    app.openapi(ROUTES.dial, async (c) => {
      const { address } = c.req.valid('json')
      return c.json(await api.dial(address, callOptions(c)), 200)
    }),
  ping: (app, api) =>
    app.openapi(ROUTES.ping, async (c) => {
      const { peerId } = c.req.valid('json')
      return c.json(await api.ping(peerId, callOptions(c)), 200)
    }),
  events: (app, api) =>
    app.openapi(ROUTES.events, (c) => {
      const since = sequenceNumber(c.req.header('last-event-id'))
      return c.body(createEventStream(api, since), 200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
      })
    }),
  // Before `get`, whose route begins with this one.
  list: (app, api) =>
    app.openapi(ROUTES.list, async (c) => {
      const { limit, ...wanted } = c.req.valid('query')
      const most = limit === undefined ? {} : { limit: Number(limit) }
      return c.json(await api.list({ ...wanted, ...most, ...callOptions(c) }), 200)
    }),
  put: (app, api, { items }) => {
    const { query: queries } = ROUTES.put.request
    app.put('/v1/keys/*', async (c) => {
      const query = queries.safeParse(c.req.query())
      if (!query.success) throw new BadRequestError(z.prettifyError(query.error))
      const key = checkedKey(keyOf(c, '/v1/keys/'), items)
      const value = new Uint8Array(await c.req.arrayBuffer())
      const condition = await versionWanted(c, api, key)
      const wanted = { ...numbersIn(query.data), ...condition, ...callOptions(c) }
      const outcome = await api.put(key, value, wanted)
      return c.json(outcome, 200, { etag: etagOf({ ...outcome, value }) })
    })
  },
  get: (app, api) =>
    app.get('/v1/keys/*', async (c) => {
      const key = keyOf(c, '/v1/keys/')
      const query = ROUTES.get.request.query.safeParse(c.req.query())
      if (!query.success) throw new BadRequestError(z.prettifyError(query.error))
      const found = await api.get(key, { ...numbersIn(query.data), ...callOptions(c) })
      if (found === null) throw new NotFoundError(`no value under ${JSON.stringify(key)}`)
      const { version, writer, agreed } = found
      const etag = etagOf(found)
      if (isUnchanged(conditionsOf(c), etag)) return c.body(null, 304, { etag })
      return c.body(new Uint8Array(found.value), 200, {
        etag,
        'content-type': 'application/octet-stream',
        'x-content-type-options': 'nosniff',
        'x-kadlab-from': found.from ?? 'self',
        ...(version === null ? {} : { 'x-kadlab-version': version }),
        ...(writer === null ? {} : { 'x-kadlab-writer': writer }),
        'x-kadlab-agreed': String(agreed),
      })
    }),
  delete: (app, api) =>
    app.delete('/v1/keys/*', async (c) => {
      const query = ROUTES.delete.request.query.safeParse(c.req.query())
      if (!query.success) throw new BadRequestError(z.prettifyError(query.error))
      const key = keyOf(c, '/v1/keys/')
      const condition = await versionWanted(c, api, key)
      const wanted = { ...numbersIn(query.data), ...condition, ...callOptions(c) }
      return c.json(await api.delete(key, wanted), 200)
    }),
  watch: (app, api, { items }) =>
    app.get('/v1/watch/*', (c) => {
      const key = checkedKey(keyOf(c, '/v1/watch/'), items)
      const after = c.req.header('last-event-id')
      const stream = createWatchStream(api, key, after === undefined ? {} : { after })
      return c.body(stream, 200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
      })
    }),
  provide: (app, api) =>
    app.put('/v1/providers/*', async (c) =>
      c.json(await api.provide(keyOf(c, '/v1/providers/'), callOptions(c))),
    ),
  providers: (app, api) =>
    app.get('/v1/providers/*', async (c) =>
      c.json(await api.providers(keyOf(c, '/v1/providers/'), callOptions(c))),
    ),
}

/** Everything after the prefix, percent-decoded once. */
function keyOf(c: Context, prefix: string): string {
  const { pathname } = new URL(c.req.url)
  try {
    return decodeURIComponent(pathname.slice(prefix.length))
  } catch (cause) {
    throw new BadRequestError('the key in the path is not percent-encoded UTF-8', { cause })
  }
}

function sequenceNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new BadRequestError('Last-Event-ID is not a sequence number')
  return Number(text)
}

/** What the conditions of a write come to: the version that must be there still when it is written. */
async function versionWanted(
  c: Context,
  api: NodeApi,
  key: string,
): Promise<Pick<WriteOptions, 'ifVersion'>> {
  const conditions = conditionsOf(c)
  if (!isConditional(conditions)) return {}
  const before = await api.get(key, callOptions(c))
  requireWritable(conditions, before === null ? null : etagOf(before))
  if (before === null) return { ifVersion: null }
  // A plain record has no version that could be held on to.
  return before.version === null ? {} : { ifVersion: before.version }
}

/** The numbers of a query whose fields are digits. */
function numbersIn<Query extends Readonly<Record<string, string>>>(
  query: Query,
): { [Name in keyof Query]: number } {
  const entries = Object.entries(query).map(([name, digits]) => [name, Number(digits)])
  return Object.fromEntries(entries) as { [Name in keyof Query]: number }
}

function conditionsOf(c: Context): Conditions {
  return { ifMatch: c.req.header('if-match'), ifNoneMatch: c.req.header('if-none-match') }
}

/** The call is given up when the client leaves. */
function callOptions(c: Context): AbortOptions {
  return { signal: c.req.raw.signal }
}

/** What hono throws of a body that it cannot read, by our names. */
function named({ status, message }: HTTPException): Error {
  if (status === 415) return new MediaTypeError(message)
  return new BadRequestError(message)
}
