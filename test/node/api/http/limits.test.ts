import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { API_LIMITS, type ApiLimits } from '#node/api/http/limits.ts'
import type { HttpFace } from '#node/api/http/listen.ts'
import { ProblemSchema } from '#node/api/http/problem.ts'
import { serveHttp } from '#node/api/http/serve.ts'
import { createFakeApi, type FakeApi } from '#test/node/api/fake-api.ts'

async function face(limits: Partial<ApiLimits>, api: FakeApi = createFakeApi()): Promise<HttpFace> {
  const listen = { host: '127.0.0.1', port: 0 }
  return serveHttp(api, { listen, metrics: null, limits: { ...API_LIMITS, ...limits } })
}

function open(
  { address }: HttpFace,
  method: string,
  path: string,
  headers: Record<string, string | number> = {},
): ClientRequest {
  const [host = '', port] = address.split(':')
  return request({ host, port, method, path, headers, agent: false })
}

/** Status, code and detail of the problem that is answered. */
async function problemOf(asked: ClientRequest): Promise<[number, string, string]> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const { status, code, detail } = ProblemSchema.parse(await json(answer))
  assert.equal(answer.statusCode, status)
  return [status, code, detail]
}

describe('the limits of the HTTP face', () => {
  it('refuse a value by the length that it says, before any of it has come', async () => {
    await using server = await face({})
    const asked = open(server, 'PUT', '/v1/keys/x', { 'content-length': 8193 })
    asked.on('error', () => {})
    asked.flushHeaders()
    assert.deepEqual(await problemOf(asked), [
      413,
      'InvalidValueError',
      'a value has at most 8192 bytes: this one has more; store it in parts, or store where to find it',
    ])
    asked.destroy()
  })

  it('refuse a value that says no length once it has sent too much', async () => {
    await using server = await face({ items: { keyBytes: 10, valueBytes: 4 } })
    const asked = open(server, 'PUT', '/v1/keys/x')
    asked.on('error', () => {})
    asked.write('12345')
    assert.deepEqual((await problemOf(asked)).slice(0, 2), [413, 'InvalidValueError'])
    asked.destroy()
  })

  it('take a body that says no length, and is not too large', async () => {
    const api = createFakeApi()
    await using server = await face({}, api)
    const asked = open(server, 'PUT', '/v1/keys/x')
    for (const part of ['ma', 'ny ', 'parts']) asked.write(part)
    const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage]
    assert.equal(answer.statusCode, 200)
    assert.deepEqual(await json(answer), {
      copies: 1,
      holders: ['peer'],
      version: '1-0-writer',
    })
    assert.equal(Buffer.from((await api.get('x'))?.value ?? []).toString(), 'many parts')

    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
    const dial = open(server, 'POST', '/v1/dial', headers)
    const [dialled] = (await once(dial.end('{"address":"/ip4/127.0.0.1"}'), 'response')) as [
      IncomingMessage,
    ]
    assert.equal(dialled.statusCode, 200)
    dialled.resume()
  })

  it('refuse a key before its value has come', async () => {
    await using server = await face({ items: { keyBytes: 3, valueBytes: 100 } })
    const asked = open(server, 'PUT', '/v1/keys/four', { 'content-length': 50 })
    asked.on('error', () => {})
    asked.flushHeaders()
    assert.deepEqual(await problemOf(asked), [
      400,
      'InvalidKeyError',
      'a key has 1 to 3 bytes of UTF-8: this one has 4',
    ])
    asked.destroy()
  })

  it('hold for any body, the smaller one where there are two', async () => {
    await using server = await face({ bodyBytes: 30 })
    const bodies: [string, string][] = [
      ['POST', '/v1/dial'],
      ['PUT', '/v1/keys/x'],
      ['PUT', '/v1/providers/x'],
      ['DELETE', '/v1/keys/x'],
    ]
    for (const [method, path] of bodies) {
      const asked = open(server, method, path, { 'content-length': 31 })
      asked.end('x'.repeat(31))
      const [status, code, detail] = await problemOf(asked)
      assert.deepEqual([status, code], [413, 'BodyTooLargeError'], path)
      assert.match(detail, /at most 30 bytes \(API_MAX_BODY_BYTES\)/)
    }
  })

  it('let only so many requests be under way, and say when to ask again', async () => {
    const api = createFakeApi()
    await using server = await face({ requests: 2 }, api)
    const [first, second] = ['a', 'b'].map((key) => open(server, 'PUT', `/v1/providers/${key}`))
    for (const asked of [first, second]) asked?.on('error', () => {}).end()
    while (api.hanging.length < 2) await new Promise(setImmediate)

    const third = open(server, 'GET', '/v1/status').end()
    const [answer] = (await once(third, 'response')) as [IncomingMessage]
    assert.equal(answer.headers['retry-after'], '1')
    const { status, code, detail } = ProblemSchema.parse(await json(answer))
    assert.deepEqual([status, code], [503, 'BusyError'])
    assert.match(detail, /at most 2 requests under way \(API_MAX_REQUESTS\)/)
    assert.equal((await fetch(`http://${server.address}/healthz`)).status, 200)

    const [gone] = api.hanging
    first?.destroy()
    if (gone?.aborted === false) await once(gone, 'abort')
    assert.equal((await fetch(`http://${server.address}/v1/status`)).status, 200)
    second?.destroy()
  })
})
