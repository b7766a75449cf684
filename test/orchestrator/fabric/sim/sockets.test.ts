import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SimInternet } from '#orchestrator/fabric/sim/internet.ts'
import { createSimSockets } from '#orchestrator/fabric/sim/sockets.ts'
import type { LinkPlan } from '#orchestrator/net/link.ts'
import type { Endpoint, Sockets, TcpSocket } from '#orchestrator/probe/probe-agent.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { labPlan, perfectLink } from './plans.ts'

const near = '11.0.0.10'
const far = '11.0.0.20'
const port = 3000
const toFar = { address: far, port }

function createPair(link: Partial<LinkPlan> = {}): {
  clock: ManualClock
  client: Sockets
  server: Sockets
} {
  const clock = new ManualClock()
  const internet = new SimInternet(labPlan([], { ...perfectLink, ...link }), { clock })
  const [client, server] = [near, far].map((address) =>
    createSimSockets(
      internet.addHost({ name: address, network: 'internet', address, gateway: null }),
    ),
  )
  assert.ok(client && server)
  return { clock, client, server }
}

describe('sim sockets', () => {
  it('connect from the local port that is asked for, and carry bytes both ways', async () => {
    const { clock, client, server } = createPair()
    const accepted: TcpSocket[] = []
    await server.listenTcp({ port, onConnection: (socket) => accepted.push(socket) })
    const connecting = client.connectTcp({ localPort: 5000, to: toFar, timeoutMs: 100 })
    await clock.advance(10)
    const socket = await connecting
    socket.send(Buffer.from('ping'))
    await clock.advance(10)
    const [inbound] = accepted
    assert.deepEqual(
      [socket.local, inbound?.remote],
      [
        { address: near, port: 5000 },
        { address: near, port: 5000 },
      ],
    )
    const heard: string[] = []
    inbound?.onData((data) => heard.push(Buffer.from(data).toString()))
    assert.deepEqual(heard, ['ping'], 'what came before the listener is given to it at once')
    let isClosed = false
    inbound?.onClose(() => {
      isClosed = true
    })
    socket.destroy()
    await clock.advance(10)
    assert.equal(isClosed, true)
  })

  it('time out when the caller said, and as Node does', async () => {
    const { clock, client } = createPair({ loss: 1 })
    const failure = assert.rejects(
      client.connectTcp({ localPort: null, to: toFar, timeoutMs: 500 }),
      { code: 'ETIMEDOUT' },
    )
    await clock.advance(500)
    await failure
  })

  it('carry datagrams to whoever bound the port, and tell where they came from', async () => {
    const { clock, client, server } = createPair()
    const heard: Endpoint[] = []
    await server.bindUdp({ port, onMessage: (_, from) => heard.push(from) })
    const one = await client.bindUdp({ port: 0, onMessage: () => undefined })
    const other = await client.bindUdp({ port: 0, onMessage: () => undefined })
    one.send(Buffer.from('1'), toFar)
    other.send(Buffer.from('2'), toFar)
    other.send(Buffer.from('3'), { address: far, port: 9 })
    other.send(Buffer.from('4'), { address: '12.0.0.1', port })
    await clock.advance(10)
    assert.deepEqual(
      heard.map((from) => from.address),
      [near, near],
    )
    assert.ok(heard.every((from) => from.port >= 32_768))
    assert.notEqual(heard[0]?.port, heard[1]?.port)
  })

  it('bind a UDP port once, and give it back', async () => {
    const { server } = createPair()
    const request = { port, onMessage: () => undefined }
    const first = await server.bindUdp(request)
    await assert.rejects(server.bindUdp(request), { code: 'EADDRINUSE' })
    await first[Symbol.asyncDispose]()
    await server.bindUdp(request)
  })
})
