import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtempDisposable } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import type { HttpFace } from '#node/api/http/listen.ts'
import { ProblemSchema } from '#node/api/http/problem.ts'
import { serveHttp } from '#node/api/http/serve.ts'
import { serveGateway } from '#node/gateway/gateway.ts'
import type { NodeGlance } from '#node/gateway/glance.ts'
import { processMetrics } from '#node/gateway/process-metrics.ts'
import { createFakeApi, type FakeApi, FAKE_STATUS } from '#test/node/api/fake-api.ts'

describe('the gateway', () => {
  const opened = new AsyncDisposableStack()
  let api: FakeApi
  let folder: string
  let gateway: HttpFace
  const asked: unknown[] = []
  before(async () => {
    folder = opened.use(await mkdtempDisposable(join(tmpdir(), 'kadlab-gateway-'))).path
    for (const name of ['alive', 'dead']) await mkdir(join(folder, name))
    api = createFakeApi({
      status: async () => ({ ...FAKE_STATUS, peerId: '<script>' }),
      discovery: async (options) => {
        asked.push(options?.dialBack)
        return createFakeApi().discovery({ ...options, targets: ['12D3KooWPeer'] })
      },
    })
    const metrics = { contentType: 'text/plain', metrics: async () => 'kadlab_ready 1\n' }
    const path = join(folder, 'alive', 'api.sock')
    opened.use(await serveHttp(api, { listen: { path }, metrics }))
    gateway = opened.use(
      await serveGateway({
        listen: { host: '127.0.0.1', port: 0 },
        nodes: folder,
        page: null,
        peerNames: new Map([['12D3KooWPeer', 'dead']]),
        metrics: processMetrics(),
      }),
    )
  })
  after(async () => opened.disposeAsync())

  async function ask(
    path: string,
    { method = 'GET', headers = {}, body = '' } = {},
  ): Promise<{ status: number; answer: IncomingMessage; body: string }> {
    const [host, port] = gateway.address.split(':')
    const asked = request({ host, port, path, method, headers: { host: 'localhost', ...headers } })
    asked.end(body)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    return { status: answer.statusCode ?? 0, answer, body: await text(answer) }
  }

  it('serves its page where it has one, and the index beside it', async () => {
    const metrics = processMetrics()
    const listen = { host: '127.0.0.1', port: 0 }
    const names = { nodes: folder, peerNames: new Map() }
    await using other = await serveGateway({ listen, ...names, page: '<p>page</p>', metrics })
    const own = `http://${other.address}`
    assert.equal(await (await fetch(own)).text(), '<p>page</p>')
    const index = (await ask('/')).body
    assert.match(index, /<h1>kadlab<\/h1>/)
    assert.equal(await (await fetch(`${own}/index`)).text(), index)
  })

  it('asks for the token where it has one, and shows it to the nodes', async () => {
    await using nodes = await mkdtempDisposable(join(tmpdir(), 'kadlab-gateway-'))
    await mkdir(join(nodes.path, 'own'))
    const [token, metrics] = ['a-token-of-this-test', processMetrics()]
    const own = { path: join(nodes.path, 'own', 'api.sock') }
    await using _node = await serveHttp(createFakeApi(), { listen: own, metrics: null, token })
    const listen = { host: '127.0.0.1', port: 0 }
    const names = { nodes: nodes.path, page: null, peerNames: new Map<string, string>() }
    await using other = await serveGateway({ listen, ...names, metrics, token })
    const url = `http://${other.address}`
    for (const path of ['/', '/nodes', '/metrics', '/discovery', '/nodes/own/v1/status']) {
      assert.equal((await fetch(url + path)).status, 401, path)
    }
    assert.equal((await fetch(`${url}/healthz`)).status, 200)
    const headers = { authorization: `Bearer ${token}` }
    const glances = (await (await fetch(`${url}/nodes`, { headers })).json()) as NodeGlance[]
    assert.deepEqual(glances, [{ name: 'own', status: FAKE_STATUS, error: null }])
    assert.equal((await fetch(`${url}/nodes/own/v1/status`, { headers })).status, 200)
  })

  it("hands a call on to the node's socket, and its answer back", async () => {
    const put = await ask('/nodes/alive/v1/keys/a%2Fb?replicas=0', { method: 'PUT', body: 'ü' })
    assert.equal(put.status, 200)
    const got = await ask('/nodes/alive/v1/keys/a/b')
    assert.equal(got.body, 'ü')
    assert.equal(got.answer.headers['x-kadlab-from'], 'self')
    assert.equal((await ask('/nodes/alive/metrics')).body, 'kadlab_ready 1\n')
  })

  it('lets no browser take an answer of its own for another type', async () => {
    for (const path of [
      '/',
      '/nodes',
      '/healthz',
      '/metrics',
      '/nowhere',
      '/nodes/dead/v1/status',
    ]) {
      assert.equal((await ask(path)).answer.headers['x-content-type-options'], 'nosniff', path)
    }
  })

  it("tells its own process's metrics under its own path", async () => {
    const { answer, body } = await ask('/metrics')
    assert.match(answer.headers['content-type'] ?? '', /^text\/plain; version=/)
    assert.match(body, /^process_start_time_seconds \d+$/m)
    assert.doesNotMatch(body, /kadlab_/)
  })

  it('lets events flow as they come', async () => {
    const [host, port] = gateway.address.split(':')
    const asked = request({ host, port, path: '/nodes/alive/v1/events' }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.setEncoding('utf8')
    api.log.emit({ event: 'ready' })
    for await (const chunk of answer) if (String(chunk).includes('"ready"')) break
    asked.destroy()
  })

  it('gives a call up when its client leaves', async () => {
    const [host, port] = gateway.address.split(':')
    const asked = request({ host, port, path: '/nodes/alive/v1/providers/k', method: 'PUT' }).end()
    asked.on('error', () => {})
    while (api.hanging.length === 0) await new Promise(setImmediate)
    const [signal] = api.hanging
    asked.destroy()
    if (signal?.aborted === false) await once(signal, 'abort')
  })

  it('says which node does not answer, and which there are', async () => {
    const dead = await ask('/nodes/dead/v1/status')
    assert.equal(dead.status, 502)
    assert.match(dead.body, /node dead does not answer/)
    assert.deepEqual(
      [dead.answer.headers['content-type'], ProblemSchema.parse(JSON.parse(dead.body)).code],
      ['application/problem+json', 'DisconnectedError'],
    )
    for (const path of ['/nodes/other/v1/status', '/nodes/../x', '/nodes/%2e%2e/x', '/nowhere']) {
      const { status, body } = await ask(path)
      assert.equal(status, 404, path)
      assert.match(body, /alive, dead/)
    }
  })

  it('shows every node on its index, whatever they say of themselves', async () => {
    const page = await ask('/')
    assert.match(page.answer.headers['content-type'] ?? '', /^text\/html/)
    assert.match(page.body, /&lt;script&gt;/)
    assert.doesNotMatch(page.body, /<script>/)
    const glances = JSON.parse((await ask('/nodes')).body) as NodeGlance[]
    assert.deepEqual(
      glances.map(({ name, status }) => [name, status?.ready ?? null]),
      [
        ['alive', true],
        ['dead', null],
      ],
    )
    assert.match(glances[1]?.error ?? '', /no node answers/)
    assert.equal((await ask('/healthz')).body, 'ok')
  })

  it('shows who sees whom as a scenario does, by the names of the folders', async () => {
    const page = await ask('/discovery?dialBack=true')
    assert.match(page.answer.headers['content-type'] ?? '', /^text\/plain/)
    const [head = '', row = ''] = page.body.split('\n')
    // It does not answer, and is called by its name all the same.
    assert.match(head, /^observer ╲ target +alive +dead$/)
    assert.match(row, /^alive +· +○ speaks-kademlia$/)
    assert.match(page.body, /^dead at alive: speaks-kademlia, ONLY_PRIVATE_ADDRESSES$/m)
    assert.match(page.body, /^dead does not answer: /m)
    assert.deepEqual(asked, [true])
  })

  it('does not answer pages of other sites', async () => {
    const rebound = { host: 'evil.example:80' }
    const crossSite = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }
    for (const headers of [rebound, crossSite]) {
      assert.equal((await ask('/nodes/alive/v1/status', { headers })).status, 403)
    }
    for (const host of ['127.0.0.1:8080', '[::1]:8080', 'kadlab.localhost']) {
      assert.equal((await ask('/healthz', { headers: { host } })).status, 200, host)
    }
    const scraper = { headers: { host: 'api:8080' } }
    assert.equal((await ask('/metrics', scraper)).status, 200)
    assert.equal((await ask('/nodes', scraper)).status, 403)
  })
})
