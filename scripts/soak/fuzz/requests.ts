import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { createHttpApp } from '#node/api/http/app.ts'
import { PROBLEM_MEDIA_TYPE, ProblemSchema, PROBLEMS } from '#node/api/http/problem.ts'
import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { Cluster, planCluster } from '../base/cluster.ts'
import { type FuzzOptions, parametersOf, Tally } from './fuzz.ts'

const JOINED_WITHIN_MS = 60_000

interface Asked {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    '..',
    '%',
    '%zz',
    '%ff',
    '%00',
    '%2f',
    'own/x/y',
    '/',
    'a',
    'b',
    'x'.repeat(1100),
  ),
)

const keyPaths = fc
  .tuple(
    fc.constantFrom('/v1/keys/', '/v1/keys/', '/v1/watch/', '/v1/providers/'),
    fc.oneof(
      fc.constantFrom('a', 'b', 'own/x/y'),
      text.filter((each) => each.isWellFormed()).map(encodeURIComponent),
      text,
    ),
  )
  .map((parts) => parts.join(''))

const ROUTES = '/v1/status /v1/peers /v1/discovery /v1/events /v1/keys /v1/dial /v1/ping'.split(' ')
const OTHERS = '/metrics /healthz /readyz /openapi.json / // /v1 /v1/keys/'.split(' ')

const paths = fc.oneof(
  { weight: 8, arbitrary: keyPaths },
  { weight: 3, arbitrary: fc.constantFrom(...ROUTES) },
  { weight: 1, arbitrary: fc.constantFrom(...OTHERS) },
  { weight: 1, arbitrary: text },
)

const queries = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  fc
    .tuple(
      fc.constantFrom(
        'replicas',
        'ttlMs',
        'ttl',
        'agree',
        'limit',
        'after',
        'dialBack',
        'again',
        'target',
      ),
      fc.oneof(fc.constantFrom('0', '1', '-1', '501', '1e9', '999999999999', 'true', ''), text),
    )
    .map(([name, value]) => `?${name}=${value}`),
)

const versions = fc.constantFrom(
  '*',
  '"x"',
  'W/"1"',
  '"1767225600000-0-12D3KooW"',
  '',
  '1-0-a',
  ',',
)

const headerValues = fc.oneof(
  versions,
  fc.constantFrom('application/json', 'text/plain', '99999999', 'http://x', 'Bearer x'),
  fc.string({ maxLength: 20 }),
)
const CONDITIONS = ['if-match', 'if-none-match', 'last-event-id', 'content-type'] as const
const DOOR = ['content-length', 'origin', 'host', 'authorization', 'sec-fetch-site'] as const

const headers = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant({ 'content-type': 'application/json' }) },
  {
    weight: 3,
    arbitrary: fc.dictionary(fc.constantFrom(...CONDITIONS), headerValues, { maxKeys: 2 }),
  },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...DOOR), headerValues, { maxKeys: 2 }) },
)

const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json(),
  fc.constantFrom(
    '{"address":"/ip4/11.0.0.1/tcp/1"}',
    '{"address":1}',
    '{"peerId":"x"}',
    '{',
    '',
    'null',
  ),
)

const asked: fc.Arbitrary<Asked> = fc.record({
  method: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('GET', 'PUT', 'DELETE', 'POST') },
    { weight: 1, arbitrary: fc.constantFrom('HEAD', 'PATCH', 'OPTIONS') },
  ),
  path: paths,
  query: queries,
  headers,
  body: bodies,
})

/** Null for what no client can send. */
function requestOf({ method, path, query, headers: sent, body }: Asked): Request | null {
  const hasBody = method !== 'GET' && method !== 'HEAD'
  try {
    const content = typeof body === 'string' ? body : Buffer.from(body)
    const url = `http://127.0.0.1:3001${path.startsWith('/') ? '' : '/'}${path}${query}`
    return new Request(url, { method, headers: sent, ...(hasBody ? { body: content } : {}) })
  } catch {
    return null
  }
}

async function check(response: Response, method: string): Promise<string> {
  const { status } = response
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) {
    await response.body?.cancel()
    return 'stream'
  }
  assert.notEqual(status, 500)
  if (status < 400) await response.arrayBuffer()
  if (status < 400 || method === 'HEAD') return String(status)
  // Readiness says no by its status, in a document of its own.
  if (status === 503 && type.startsWith('application/json')) return 'not ready'
  assert.ok(type.startsWith(PROBLEM_MEDIA_TYPE), `${status} as ${type}`)
  const { code, detail } = ProblemSchema.parse(await response.json())
  assert.ok(Object.hasOwn(PROBLEMS, code), code)
  assert.ok(detail.length > 5, detail)
  return code
}

/** Whatever a client asks a real node over HTTP is answered, or refused with a problem document: it never fails. */
export async function fuzzRequests(options: FuzzOptions): Promise<Tally> {
  const tally = new Tally()
  await createSimFabric().withClock(options.seed, async (clock) => {
    const plan = planCluster(2, options.seed)
    await using lab = await createSimFabric().start(plan, { onEvent: () => {} })
    const cluster = new Cluster(lab, plan, clock)
    for (const name of cluster.names) await cluster.start(name)
    assert.ok(await cluster.allListed(JOINED_WITHIN_MS))
    const app = createHttpApp(cluster.api('n0'), { metrics: null })
    await fc.assert(
      fc.asyncProperty(asked, async (each) => {
        const request = requestOf(each)
        if (request !== null) tally.add(await check(await app.fetch(request), each.method))
      }),
      parametersOf(options),
    )
  })
  return tally
}
