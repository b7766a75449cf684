import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createHttpApp } from '#node/api/http/app.ts'
import { createHttpClient } from '#node/api/http/client.ts'
import { ProblemSchema } from '#node/api/http/problem.ts'
import { serveHttp } from '#node/api/http/serve.ts'
import { createFakeApi, FAKE_STATUS } from '#test/node/api/fake-api.ts'

const TOKEN = 'a-token-of-this-test'
const METRICS = { contentType: 'text/plain', metrics: async () => 'up 1\n' }
const bearer = { authorization: `Bearer ${TOKEN}` }
const password = { authorization: `Basic ${Buffer.from(`me:${TOKEN}`).toString('base64')}` }

async function ask(path: string, headers: Record<string, string>): Promise<Response> {
  const app = createHttpApp(createFakeApi(), { metrics: METRICS, token: TOKEN })
  return app.request(path, { headers: { host: 'localhost', ...headers } })
}

describe('an API with a token', () => {
  it('answers nobody who does not show it, but that it lives', async () => {
    const paths = ['/v1/status', '/v1/keys/x', '/metrics', '/readyz', '/openapi.json', '/nowhere']
    for (const path of paths) {
      for (const headers of [{}, { authorization: 'Bearer another-token' }]) {
        const refused = await ask(path, headers)
        assert.equal(refused.status, 401, path)
        assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer .*Basic /)
        const { code, detail } = ProblemSchema.parse(await refused.json())
        assert.equal(code, 'UnauthorizedError')
        assert.doesNotMatch(detail, new RegExp(TOKEN))
      }
    }
    assert.equal((await ask('/healthz', {})).status, 200)
    assert.equal((await ask('/metrics', bearer)).status, 200)
    assert.equal((await ask('/v1/status', password)).status, 200)
  })

  it('takes a program by its token, whatever it calls the node, and a browser not for any page', async () => {
    const named = { host: 'node.example' }
    assert.equal((await ask('/v1/status', { ...bearer, ...named })).status, 200)
    assert.equal((await ask('/v1/status', { ...password, ...named })).status, 403)
    const foreign = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }
    assert.equal((await ask('/v1/status', { ...password, ...foreign })).status, 403)
  })

  it('is asked by a client that has it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-token-'))
    const listen = { path: join(folder.path, 'api.sock') }
    const api = createFakeApi()
    await using _face = await serveHttp(api, { listen, metrics: null, token: TOKEN })
    const client = createHttpClient(listen, TOKEN)
    assert.deepEqual(await client.status(), FAKE_STATUS)
    const leaving = new AbortController()
    api.log.emit({ event: 'ready' })
    for await (const { event } of client.events({ since: 0, signal: leaving.signal })) {
      assert.equal(event, 'ready')
      leaving.abort()
    }
    await assert.rejects(createHttpClient(listen).status(), { name: 'UnauthorizedError' })
    await assert.rejects(createHttpClient(listen, 'another').peers(), { name: 'UnauthorizedError' })
  })
})
