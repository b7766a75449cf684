import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { createLinesClient } from '#node/api/lines/client.ts'
import { createLog, silentLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { openFaces } from '#node/faces.ts'
import { createFakeApi, FAKE_STATUS } from '#test/node/api/fake-api.ts'

const NOWHERE = parseConfig({})
const LOOPBACK = { host: '127.0.0.1', port: 0 }
const METRICS = { contentType: 'text/plain', metrics: async () => 'up 1\n' }

describe('the faces of a node', () => {
  it('are lines where switched on, and otherwise leave the streams alone', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const api = createFakeApi()
    const parts = { api, log: silentLog, metrics: null, input, output }
    await using _off = await openFaces(NOWHERE, parts)
    api.log.emit({ event: 'ready' })
    assert.equal(output.read(), null)
    assert.equal(input.listenerCount('data'), 0)
    await using _on = await openFaces({ ...NOWHERE, stdioApi: true }, parts)
    await using client = createLinesClient(output, input)
    assert.deepEqual(await client.status(), FAKE_STATUS)
  })

  it('are the API and metrics over HTTP where the settings say', async () => {
    const lines: string[] = []
    const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(line) })
    const streams = { input: new PassThrough(), output: new PassThrough() }
    const config = { ...NOWHERE, apiListen: LOOPBACK, metricsListen: LOOPBACK }
    await using _faces = await openFaces(config, {
      api: createFakeApi(),
      log,
      metrics: METRICS,
      ...streams,
    })
    const [api, metrics] = lines.map((line) => (JSON.parse(line) as { address: string }).address)
    assert.equal((await fetch(`http://${api}/v1/status`)).status, 200)
    assert.equal(await (await fetch(`http://${api}/metrics`)).text(), 'up 1\n')
    assert.equal(await (await fetch(`http://${metrics}/metrics`)).text(), 'up 1\n')
    assert.equal((await fetch(`http://${metrics}/v1/status`)).status, 404)
  })

  it('take no more over HTTP than the settings say', async () => {
    const lines: string[] = []
    const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(line) })
    const streams = { input: new PassThrough(), output: new PassThrough() }
    const config = parseConfig({ MAX_KEY_BYTES: '3', MAX_VALUE_BYTES: '2', API_MAX_REQUESTS: '1' })
    const api = createFakeApi()
    const parts = { api, log, metrics: null, ...streams }
    await using _faces = await openFaces({ ...config, apiListen: LOOPBACK }, parts)
    const [address] = lines.map((line) => (JSON.parse(line) as { address: string }).address)
    const statusOf = async (path: string, init: RequestInit): Promise<number> =>
      (await fetch(`http://${address}${path}`, init)).status
    const put = { method: 'PUT', body: '22' }
    assert.equal(await statusOf('/v1/keys/abc', put), 200)
    assert.equal(await statusOf('/v1/keys/abcd', put), 400)
    assert.equal(await statusOf('/v1/keys/abc', { ...put, body: '333' }), 413)
    const caller = new AbortController()
    const hanging = fetch(`http://${address}/v1/providers/k`, {
      method: 'PUT',
      signal: caller.signal,
    })
    while (api.hanging.length === 0) await new Promise(setImmediate)
    assert.equal(await statusOf('/v1/status', {}), 503)
    caller.abort()
    await assert.rejects(hanging)
  })

  it('are warned of where strangers may reach them', async () => {
    const lines: string[] = []
    const log = createLog({ level: 'warn', format: 'json', write: (line) => lines.push(line) })
    const streams = { input: new PassThrough(), output: new PassThrough() }
    const parts = { api: createFakeApi(), log, metrics: null, ...streams }
    await using _near = await openFaces({ ...NOWHERE, apiListen: LOOPBACK }, parts)
    assert.deepEqual(lines, [])
    const anywhere = { host: '0.0.0.0', port: 0 }
    const apiToken = 'secret-of-this-test'
    await using _far = await openFaces({ ...NOWHERE, apiListen: anywhere, apiToken }, parts)
    assert.match(lines.join(), /the API is plain HTTP/)
    const [apiPublishedAt, before] = ['127.0.0.1', lines.length]
    await using _published = await openFaces(
      { ...NOWHERE, apiListen: anywhere, apiPublishedAt },
      parts,
    )
    assert.equal(lines.length, before)
    assert.doesNotMatch(lines.join(), /secret-of-this-test/)
  })

  it('are none at all where one of them cannot be opened', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-faces-'))
    const [input, output] = [new PassThrough(), new PassThrough()]
    const config = { ...NOWHERE, stdioApi: true, apiListen: { path: folder.path } }
    const parts = { api: createFakeApi(), log: silentLog, metrics: null, input, output }
    await assert.rejects(openFaces(config, parts), { name: 'ApiListenError' })
    assert.equal(input.listenerCount('data'), 0)
  })
})
