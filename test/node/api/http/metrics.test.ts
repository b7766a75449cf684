import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { describe, it } from 'node:test'
import { serveMetrics } from '#node/api/http/metrics.ts'
import { ProblemSchema } from '#node/api/http/problem.ts'
import { createLog } from '#node/base/log.ts'

const source = { contentType: 'text/plain; version=0.0.4', metrics: async () => 'kadlab_up 1\n' }
const free = { listen: { host: '127.0.0.1', port: 0 } }

describe('serveMetrics', () => {
  it('gives the metrics', async () => {
    await using face = await serveMetrics(source, free)
    const answer = await fetch(`http://${face.address}/metrics`)
    assert.equal(answer.headers.get('content-type'), source.contentType)
    assert.equal(await answer.text(), 'kadlab_up 1\n')
  })

  it('gives nothing of the API', async () => {
    await using face = await serveMetrics(source, free)
    for (const path of ['/v1/status', '/v1/keys/a', '/metrics/../v1/peers', '/']) {
      assert.equal((await fetch(`http://${face.address}${path}`)).status, 404, path)
    }
    const put = await fetch(`http://${face.address}/metrics`, { method: 'PUT', body: 'x' })
    assert.equal(put.status, 404)
    assert.equal(ProblemSchema.parse(await put.json()).code, 'NotFoundError')
  })

  it('gives nothing to pages of other sites, and counts that', async () => {
    const refused: string[] = []
    const counting = { ...source, refused: (why: string) => void refused.push(why) }
    await using face = await serveMetrics(counting, free)
    const asked = async (headers: Record<string, string>): Promise<number | undefined> => {
      const sent = request(`http://${face.address}/metrics`, { headers }).end()
      const [answer] = (await once(sent, 'response')) as [IncomingMessage]
      answer.resume()
      return answer.statusCode
    }
    assert.equal(await asked({ host: 'evil.example', 'accept-language': 'en' }), 403)
    assert.equal(await asked({ origin: 'http://evil.example' }), 403)
    assert.equal(await asked({ host: 'cloud-a:9464' }), 200)
    assert.deepEqual(refused, ['ForbiddenError', 'ForbiddenError'])
  })

  it('logs why the metrics could not be made', async () => {
    const failing = { ...source, metrics: () => Promise.reject(new Error('a broken database')) }
    const lines: string[] = []
    const log = createLog({ level: 'error', format: 'json', write: (line) => lines.push(line) })
    await using face = await serveMetrics(failing, { ...free, log })
    assert.equal((await fetch(`http://${face.address}/metrics`)).status, 500)
    assert.match(lines.join(''), /a broken database/)
  })

  it('says so when the port is taken, and stops twice', async () => {
    await using face = await serveMetrics(source, free)
    const [host = '', port] = face.address.split(':')
    const taken = serveMetrics(source, { listen: { host, port: Number(port) } })
    await assert.rejects(taken, { name: 'ApiListenError' })
    await face.stop()
    await face.stop()
  })
})
