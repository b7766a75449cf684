import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { HttpFace } from '#node/api/http/listen.ts'
import { ProblemSchema } from '#node/api/http/problem.ts'
import { serveHttp } from '#node/api/http/serve.ts'
import { createLog } from '#node/base/log.ts'
import { ITEM_LIMITS } from '#node/config/item-limits.ts'
import type { NodeEvent } from '#node/events/node-event.ts'
import { createFakeApi, FAKE_STATUS } from '#test/node/api/fake-api.ts'

const LOOPBACK = { listen: { host: '127.0.0.1', port: 0 }, metrics: null }

interface Reply {
  status: number
  type: string | null
  from: string | null
  body: unknown
}

async function ask(
  face: HttpFace,
  method: string,
  path: string,
  init: RequestInit = {},
): Promise<Reply> {
  const response = await fetch(`http://${face.address}${path}`, { method, ...init })
  const type = response.headers.get('content-type')
  const body = type?.includes('json') === true ? await response.json() : await response.text()
  return { status: response.status, type, from: response.headers.get('x-kadlab-from'), body }
}

const errorName = (reply: Reply): unknown => ProblemSchema.parse(reply.body).code

async function* eventsOf(response: Response): AsyncGenerator<NodeEvent & { id: string }> {
  let text = ''
  assert.ok(response.body)
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1]
      const id = /^id: (.*)$/m.exec(block)?.[1] ?? ''
      if (data !== undefined) yield { ...(JSON.parse(data) as NodeEvent), id }
    }
  }
}

async function healthOn(path: string): Promise<number> {
  const asked = request({ socketPath: path, path: '/healthz' })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode ?? 0
}

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'kadlab-http-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

describe('the HTTP face', () => {
  it('answers no page of another site, whatever it asks', async () => {
    await using face = await serveHttp(createFakeApi(), LOOPBACK)
    const from = async (headers: Record<string, string>): Promise<number> => {
      const [host = '', port] = face.address.split(':')
      const asked = request({ host, port, method: 'PUT', path: '/v1/keys/one', headers })
      asked.end('value')
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      response.resume()
      return response.statusCode ?? 0
    }
    assert.equal(await from({}), 200)
    assert.equal(await from({ host: 'evil.example' }), 403)
    assert.equal(await from({ origin: 'http://evil.example' }), 403)
  })

  it('takes no more of a body than an address may have', async () => {
    await using face = await serveHttp(createFakeApi(), LOOPBACK)
    const body = JSON.stringify({ address: '/'.repeat(10_000) })
    const headers = { 'content-type': 'application/json' }
    const reply = await ask(face, 'POST', '/v1/dial', { body, headers })
    assert.deepEqual([reply.status, errorName(reply)], [413, 'BodyTooLargeError'])
  })

  it("logs a failure that is no caller's fault, and no other", async () => {
    const lines: string[] = []
    const log = createLog({ level: 'trace', format: 'json', write: (line) => lines.push(line) })
    const metrics = {
      contentType: 'text/plain',
      metrics: () => Promise.reject(new Error('broken')),
    }
    await using face = await serveHttp(createFakeApi(), { ...LOOPBACK, metrics, log })
    assert.equal((await ask(face, 'GET', '/v1/keys/nothing')).status, 404)
    assert.equal((await ask(face, 'DELETE', '/v1/keys/a?replicas=2')).status, 503)
    assert.deepEqual(lines, [])
    assert.equal((await ask(face, 'GET', '/metrics')).status, 500)
    assert.match(lines.join(''), /\/metrics.*broken/)
  })

  it('answers status, peers, discovery, dial and ping as JSON', async () => {
    await using face = await serveHttp(createFakeApi(), LOOPBACK)
    assert.deepEqual((await ask(face, 'GET', '/v1/status')).body, FAKE_STATUS)
    assert.deepEqual((await ask(face, 'GET', '/v1/peers')).body, [])
    const sightings = await ask(face, 'GET', '/v1/discovery?dialBack=true&target=p&target=q')
    assert.deepEqual(
      (sightings.body as { peerId: string; dialable: boolean }[]).map((each) => [
        each.peerId,
        each.dialable,
      ]),
      [
        ['p', false],
        ['q', false],
      ],
    )
    const dial = await ask(face, 'POST', '/v1/dial', {
      headers: { 'content-type': 'application/json' },
      body: '{"address":"/ip4/127.0.0.1/tcp/1"}',
    })
    assert.equal((dial.body as { ok: boolean }).ok, true)
    const ping = await ask(face, 'POST', '/v1/ping', {
      headers: { 'content-type': 'application/json' },
      body: '{"peerId":"peer"}',
    })
    assert.deepEqual(ping.body, { roundTripMs: 4 })
  })

  it('keeps raw bytes under any key, slashes and percent signs too', async () => {
    await using face = await serveHttp(createFakeApi(), LOOPBACK)
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    let writes = 0
    for (const key of ['x', 'a/b//c', 'ключ', '100%', 'a?b#c', '%2F']) {
      const path = `/v1/keys/${encodeURIComponent(key).replaceAll('%2F', '/')}`
      const put = await ask(face, 'PUT', path, { body: bytes })
      writes += 1
      const version = `${writes}-0-writer`
      const outcome = { copies: 1, holders: ['peer'], version }
      assert.deepEqual([put.status, put.body], [200, outcome], key)
      const response = await fetch(`http://${face.address}${path}`)
      assert.equal(response.headers.get('content-type'), 'application/octet-stream')
      assert.equal(response.headers.get('etag'), `"${version}"`)
      const told = ['from', 'version', 'writer', 'agreed'].map((name) =>
        response.headers.get(`x-kadlab-${name}`),
      )
      assert.deepEqual(told, ['self', version, 'writer', '1'])
      assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes)
    }
    const providers = await ask(face, 'GET', '/v1/providers/a/b')
    assert.deepEqual(providers.body, ['provider of a/b'])
  })

  it('lists what is held beside the keys themselves, and takes no odd page', async () => {
    await using face = await serveHttp(createFakeApi(), LOOPBACK)
    for (const key of ['a', 'b/c']) await ask(face, 'PUT', `/v1/keys/${key}`, { body: 'v' })
    const { status, body } = await ask(face, 'GET', '/v1/keys?after=&limit=1')
    assert.deepEqual([status, body], [200, { keys: [{ key: 'a', valueBytes: 1 }], next: 'a' }])
    const { body: behind } = await ask(face, 'GET', '/v1/keys?after=a')
    assert.deepEqual(behind, { keys: [{ key: 'b/c', valueBytes: 1 }], next: null })
    for (const limit of ['-1', 'x', '10000', '1.5']) {
      const refused = await ask(face, 'GET', `/v1/keys?limit=${limit}`)
      assert.deepEqual([refused.status, errorName(refused)], [400, 'BadRequestError'], limit)
    }
    assert.equal((await ask(face, 'GET', '/v1/keys/')).status, 404)
  })

  it('sends no value twice, and replaces none that the caller does not know', async () => {
    await using face = await serveHttp(createFakeApi(), LOOPBACK)
    const at = `http://${face.address}/v1/keys/x`
    const put = async (body: string, headers: Record<string, string>): Promise<Response> =>
      fetch(at, { method: 'PUT', body, headers })
    const first = await put('one', { 'if-none-match': '*' })
    const one = first.headers.get('etag') ?? ''
    assert.equal(first.status, 200)
    assert.equal((await put('two', { 'if-none-match': '*' })).status, 412)

    const got = await fetch(at)
    assert.deepEqual([got.headers.get('etag'), await got.text()], [one, 'one'])
    const again = await fetch(at, { headers: { 'if-none-match': `"else", ${one}` } })
    assert.deepEqual([again.status, again.headers.get('etag'), await again.text()], [304, one, ''])
    const head = await fetch(at, { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers.get('etag')], [200, one])

    const two = (await put('two', { 'if-match': one })).headers.get('etag') ?? ''
    const late = await ask(face, 'PUT', '/v1/keys/x', {
      body: 'three',
      headers: { 'if-match': one },
    })
    assert.deepEqual([late.status, errorName(late)], [412, 'PreconditionError'])
    assert.equal((await fetch(at, { headers: { 'if-match': one } })).status, 412)
    const kept = await fetch(at, { headers: { 'if-match': two, 'if-none-match': one } })
    assert.equal(await kept.text(), 'two')
    assert.equal((await put('x', { 'if-match': 'unquoted' })).status, 400)
    const nothing = { headers: { 'if-none-match': '*', 'if-match': '"x"' } }
    assert.equal((await ask(face, 'GET', '/v1/keys/nothing', nothing)).status, 404)
  })

  it('tells errors as problem documents with the status that fits', async () => {
    await using face = await serveHttp(createFakeApi(), LOOPBACK)
    const large = { body: new Uint8Array(ITEM_LIMITS.valueBytes + 1) }
    const cases: [string, string, RequestInit, number, string][] = [
      ['GET', '/v1/keys/nothing', {}, 404, 'NotFoundError'],
      ['GET', '/v1/nonsense', {}, 404, 'NotFoundError'],
      ['DELETE', '/v1/keys/x?replicas=2', {}, 503, 'StoreError'],
      ['GET', '/v1/keys/x?agree=many', {}, 400, 'BadRequestError'],
      ['PUT', '/v1/keys/x?replicas=2', { body: 'v' }, 503, 'StoreError'],
      ['PUT', '/v1/keys/x?replicas=-1', { body: 'v' }, 400, 'BadRequestError'],
      ['PUT', '/v1/keys/x', large, 413, 'InvalidValueError'],
      ['GET', '/v1/keys/%ff', {}, 400, 'BadRequestError'],
      ['GET', '/v1/discovery?dialBack=maybe', {}, 400, 'BadRequestError'],
      ['GET', '/v1/events', { headers: { 'last-event-id': 'x' } }, 400, 'BadRequestError'],
      ['GET', '/metrics', {}, 404, 'NotFoundError'],
    ]
    for (const [method, path, init, status, name] of cases) {
      const reply = await ask(face, method, path, init)
      assert.deepEqual([reply.status, errorName(reply)], [status, name], `${method} ${path}`)
      assert.equal(reply.type, 'application/problem+json')
      const { type, status: told, title, detail } = ProblemSchema.parse(reply.body)
      assert.deepEqual([type, told], [`urn:kadlab:problem:${name}`, status])
      assert.ok(title !== '' && detail !== '')
    }
    for (const body of ['{', '{"address":1}', '{}']) {
      const headers = { 'content-type': 'application/json' }
      assert.equal((await ask(face, 'POST', '/v1/dial', { headers, body })).status, 400)
    }
    // A form on a web page can send this without being asked; it must not make a node dial.
    const form = await ask(face, 'POST', '/v1/dial', { body: '{"address":"/ip4/127.0.0.1/tcp/1"}' })
    assert.deepEqual([form.status, errorName(form)], [415, 'MediaTypeError'])
  })

  it('tells whether the node is alive, and whether it is ready', async () => {
    await using ready = await serveHttp(createFakeApi(), LOOPBACK)
    const found = await ask(ready, 'GET', '/readyz')
    assert.equal(found.status, 200)
    // What the doctor of the same node fails for is no secret of its own.
    const { doubts } = found.body as { doubts: string[] }
    assert.match(doubts.join(), /set PUBLIC_IP/)
    const api = createFakeApi({
      status: async () => ({ ...FAKE_STATUS, ready: false, waitingFor: ['a bootstrap peer'] }),
    })
    await using waiting = await serveHttp(api, LOOPBACK)
    const reply = await ask(waiting, 'GET', '/readyz')
    assert.deepEqual(
      [reply.status, reply.body],
      [503, { ready: false, waitingFor: ['a bootstrap peer'], doubts }],
    )
    assert.equal((await ask(waiting, 'GET', '/healthz')).status, 200)
  })

  it('gives the metrics of its source', async () => {
    const metrics = { contentType: 'text/plain; version=0.0.4', metrics: async () => 'up 1\n' }
    await using face = await serveHttp(createFakeApi(), { ...LOOPBACK, metrics })
    const reply = await ask(face, 'GET', '/metrics')
    assert.deepEqual([reply.status, reply.type, reply.body], [200, metrics.contentType, 'up 1\n'])
  })

  it('counts what it refuses at the door, each by its code, and no call that failed', async () => {
    const refused: string[] = []
    const metrics = {
      contentType: 'text/plain',
      metrics: async () => '',
      refused: (why: string) => void refused.push(why),
    }
    const options = { ...LOOPBACK, metrics, token: 't'.repeat(16) }
    await using face = await serveHttp(createFakeApi(), options)
    await ask(face, 'GET', '/v1/status')
    await ask(face, 'GET', '/v1/status', { headers: { origin: 'https://elsewhere.example' } })
    const headers = { authorization: `Bearer ${'t'.repeat(16)}` }
    await ask(face, 'POST', '/v1/dial', { headers, body: '{}' })
    await ask(face, 'GET', '/v1/keys/nothing', { headers })
    const longHeader = { ...headers, 'x-long': 'x'.repeat(20_000) }
    await ask(face, 'GET', '/v1/status', { headers: longHeader })
    assert.deepEqual(refused, [
      'UnauthorizedError',
      'ForbiddenError',
      'MediaTypeError',
      'HeadersTooLargeError',
    ])
  })

  it('streams events, replays after Last-Event-ID, and lets go when the client leaves', async () => {
    const api = createFakeApi()
    const left = Promise.withResolvers<void>()
    const watched = createFakeApi({
      events: (options) => {
        options?.signal?.addEventListener('abort', () => left.resolve(), { once: true })
        return api.log.events(options)
      },
    })
    await using face = await serveHttp(watched, LOOPBACK)
    api.log.emit({ event: 'start', peer: 'p', agent: 'a' })
    api.log.emit({ event: 'ready' })
    const controller = new AbortController()
    const response = await fetch(`http://${face.address}/v1/events`, {
      headers: { 'last-event-id': '1' },
      signal: controller.signal,
    })
    const events = eventsOf(response)
    assert.deepEqual((await events.next()).value, { event: 'ready', seq: 2, ms: 5, id: '2' })
    api.log.emit({ event: 'stopping', why: 'test' })
    assert.equal((await events.next()).value?.seq, 3)
    controller.abort()
    await left.promise
  })

  it('ends event streams when it stops, and stops twice', async () => {
    const face = await serveHttp(createFakeApi(), LOOPBACK)
    const response = await fetch(`http://${face.address}/v1/events`)
    const text = response.text().catch(() => 'cut off')
    await face.stop()
    await face.stop()
    assert.ok(['cut off', ': kadlab events\n\n'].includes(await text))
    await assert.rejects(fetch(`http://${face.address}/healthz`))
  })

  it('describes every route as OpenAPI', async () => {
    await using face = await serveHttp(createFakeApi(), LOOPBACK)
    const { body } = await ask(face, 'GET', '/openapi.json')
    const { paths } = body as { paths: Record<string, Record<string, unknown>> }
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    assert.deepEqual(routes.toSorted(), [
      'delete /v1/keys/{key}',
      'get /healthz',
      'get /metrics',
      'get /readyz',
      'get /v1/discovery',
      'get /v1/events',
      'get /v1/keys',
      'get /v1/keys/{key}',
      'get /v1/peers',
      'get /v1/providers/{key}',
      'get /v1/status',
      'get /v1/watch/{key}',
      'post /v1/dial',
      'post /v1/ping',
      'put /v1/keys/{key}',
      'put /v1/providers/{key}',
    ])
    assert.match(JSON.stringify(body), /ONLY_PRIVATE_ADDRESSES/)
  })
})

describe('the HTTP face on a unix socket', () => {
  it('serves its owner and group, and removes the file when it stops', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'api.sock')
    const face = await serveHttp(createFakeApi(), { listen: { path }, metrics: null })
    assert.equal(face.address, path)
    assert.equal((await stat(path)).mode & 0o777, 0o660)
    assert.equal(await healthOn(path), 200)
    await face.stop()
    await assert.rejects(stat(path), { code: 'ENOENT' })
  })

  it('replaces a socket file that a killed process left', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'api.sock')
    await leaveSocket(path)
    await using _face = await serveHttp(createFakeApi(), { listen: { path }, metrics: null })
    assert.equal(await healthOn(path), 200)
  })

  it('refuses a socket on which another process answers, a file, and a folder that is not there', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'api.sock')
    await using _face = await serveHttp(createFakeApi(), { listen: { path }, metrics: null })
    const second = serveHttp(createFakeApi(), { listen: { path }, metrics: null })
    await assert.rejects(second, { name: 'ApiListenError', message: /another process answers/ })
    assert.equal(await healthOn(path), 200)
    const file = join(folder.path, 'file')
    await writeFile(file, 'precious')
    await assert.rejects(serveHttp(createFakeApi(), { listen: { path: file }, metrics: null }), {
      name: 'ApiListenError',
      message: /no socket/,
    })
    const nowhere = join(folder.path, 'nowhere', 'api.sock')
    await assert.rejects(serveHttp(createFakeApi(), { listen: { path: nowhere }, metrics: null }), {
      name: 'ApiListenError',
    })
  })
})

/** A socket file on which nobody listens: renaming it away keeps `close` from removing it. */
async function leaveSocket(path: string): Promise<void> {
  const server: Server = createServer().listen(`${path}.old`)
  await once(server, 'listening')
  await rename(`${path}.old`, path)
  server.close()
  await once(server, 'close')
}
