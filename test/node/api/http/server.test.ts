import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { type HttpFace, openFace } from '#node/api/http/listen.ts'
import { ProblemSchema } from '#node/api/http/problem.ts'
import { createFaceServer } from '#node/api/http/server.ts'

async function face(): Promise<HttpFace> {
  return openFace(
    createFaceServer(() => new Response('ok')),
    { host: '127.0.0.1', port: 0 },
  )
}

/** The status and the code of what a server answers to these bytes, on a connection of their own. */
async function answerTo({ address }: HttpFace, bytes: string): Promise<[number, string]> {
  const [host = '', port] = address.split(':')
  const socket = connect(Number(port), host)
  await once(socket, 'connect')
  socket.write(bytes)
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  assert.match(head, /content-type: application\/problem\+json/i)
  const { status, code } = ProblemSchema.parse(
    JSON.parse(body.replace(/^[\da-f]+\r\n/, '').split('\r\n', 1)[0] ?? ''),
  )
  assert.match(head, new RegExp(`^HTTP/1.1 ${status} `))
  return [status, code]
}

describe('a face server', () => {
  it('tells with a problem too what reaches no application', async () => {
    await using server = await face()
    const cases: [string, number, string][] = [
      ['nonsense\r\n\r\n', 400, 'BadRequestError'],
      ['GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'BadRequestError'],
      ['GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n', 400, 'BadRequestError'],
      ['GET a\\b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 400, 'BadRequestError'],
      [
        `GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(70_000)}\r\n\r\n`,
        431,
        'HeadersTooLargeError',
      ],
      ['PUT / HTTP/1.1\r\nhost: a\r\nexpect: tea\r\n\r\n', 417, 'BadRequestError'],
    ]
    for (const [bytes, status, code] of cases) {
      assert.deepEqual(await answerTo(server, bytes), [status, code], bytes.slice(0, 60))
    }
  })

  it('answers on after a client that went away in the middle', async () => {
    await using server = await face()
    const [host = '', port] = server.address.split(':')
    const socket = connect(Number(port), host)
    await once(socket, 'connect')
    socket.write('PUT / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf')
    socket.resetAndDestroy()
    assert.equal(await (await fetch(`http://${server.address}/`)).text(), 'ok')
  })
})
