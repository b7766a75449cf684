import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { openFace } from '#node/api/http/listen.ts'
import { forward } from '#node/gateway/forward.ts'

type Answerer = (request: IncomingMessage, response: ServerResponse) => void

/** A server whose requests are all handed on to another one, on a socket, that answers as told. */
async function openPair(answer: Answerer) {
  const opened = new AsyncDisposableStack()
  const folder = opened.use(await mkdtempDisposable(join(tmpdir(), 'kadlab-forward-'))).path
  const socketPath = join(folder, 'api.sock')
  opened.use(await openFace(createServer(answer), { path: socketPath }))
  const front = createServer((request, response) => {
    forward(request, response, { socketPath, path: '/there' }).catch(() => response.destroy())
  })
  const { address } = opened.use(await openFace(front, { host: '127.0.0.1', port: 0 }))
  const [host = '', port = ''] = address.split(':')
  return { host, port: Number(port), [Symbol.asyncDispose]: async () => opened.disposeAsync() }
}

/** What one end of a connection says to the other; `x-kept` alone is for whoever is behind it. */
const SAID: OutgoingHttpHeaders = {
  'keep-alive': 'timeout=99',
  'proxy-authenticate': 'Basic',
  'proxy-authorization': 'Basic eDp5',
  te: 'trailers',
  trailer: 'x-sum',
  'transfer-encoding': 'chunked',
  upgrade: 'other/1',
  'x-named': 'in connection',
  'x-kept': 'end to end',
}

describe('forward', () => {
  it('keeps the headers of one connection from the other, in both directions', async () => {
    const arrived = Promise.withResolvers<IncomingMessage>()
    await using pair = await openPair((request, response) => {
      arrived.resolve(request)
      response.writeHead(200, { ...SAID, connection: 'keep-alive, X-Named' }).end('answer')
    })
    const headers = { ...SAID, connection: 'close, X-Named' }
    const asked = request({ ...pair, method: 'PUT', path: '/', headers }).end('question')
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    assert.equal(await text(answer), 'answer')
    const kept = { connection: 'close', 'transfer-encoding': 'chunked', 'x-kept': 'end to end' }
    assert.deepEqual((await arrived.promise).headers, { ...kept, host: 'localhost' })
    const { date: _date, ...answered } = answer.headers
    assert.deepEqual(answered, kept)
  })

  it('hands a chunked body on whatever the method', async () => {
    await using pair = await openPair((request, response) => {
      void text(request).then((body) => response.end(`${request.method} ${body}`))
    })
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const headers = { 'transfer-encoding': 'chunked' }
      const asked = request({ ...pair, method, path: '/', headers }).end('question')
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      assert.equal(await text(answer), `${method} question`)
    }
  })

  it('frames an answer as the one who asked can read it', async () => {
    await using pair = await openPair((_request, response) => {
      response.write('one,')
      response.end('two')
    })
    // HTTP/1.0 knows no chunks: the answer ends with the connection.
    const asked = connect(pair)
    asked.write('GET / HTTP/1.0\r\n\r\n')
    assert.match(await text(asked), /\r\n\r\none,two$/)
  })
})
