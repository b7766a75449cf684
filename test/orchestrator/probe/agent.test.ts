import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { createAgentClient } from '#orchestrator/probe/agent-client.ts'
import { serveAgentLines } from '#orchestrator/probe/agent-lines.ts'
import { createProbeAgent } from '#orchestrator/probe/agent.ts'
import { createNodeSockets } from '#orchestrator/probe/node-sockets.ts'
import { parsePacketCounts, readPacketCounts } from '#orchestrator/probe/packet-counts.ts'
import type { ProbeAgent } from '#orchestrator/probe/probe-agent.ts'

const address = '127.0.0.1'
const PATIENCE_MS = 5000

function createAgent(): ProbeAgent & AsyncDisposable {
  return createProbeAgent(createNodeSockets())
}

function connectLines() {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const agent = createAgent()
  const served = serveAgentLines({ ...agent, counts: readPacketCounts }, { input, output })
  return { input, output, agent, served, client: createAgentClient(output, input) }
}

/** Ports of this machine that nobody has just now, for TCP and UDP. */
async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const server = createServer().listen(0, address)
    const socket = createSocket('udp4')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const isFree = await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(false)).bind(port, address, () => resolve(true))
    })
    if (isFree && !ports.includes(port)) ports.push(port)
    server.close()
    socket.close()
  }
  return ports
}

describe("the packets of an agent's machine", () => {
  it('are read for each protocol, those for a port that nobody has too', () => {
    const text = [
      'Ip: Forwarding DefaultTTL InReceives',
      'Ip: 1 64 99',
      'Tcp: RtoMin InSegs OutSegs RetransSegs',
      'Tcp: 200 7 5 2',
      'Udp: InDatagrams NoPorts InErrors OutDatagrams',
      'Udp: 3 1 0 4',
      'UdpLite: InDatagrams NoPorts InErrors OutDatagrams',
      'UdpLite: 100 100 100 100',
    ].join('\n')
    assert.deepEqual(parsePacketCounts(text), {
      tcp: { received: 7, sent: 7 },
      udp: { received: 4, sent: 4 },
    })
    assert.deepEqual(parsePacketCounts('').tcp, { received: 0, sent: 0 })
  })
})

describe('a probe agent on real sockets', () => {
  for (const protocol of ['tcp', 'udp'] as const) {
    it(`is told from where each reflector saw its one ${protocol} port, and is heard there`, async () => {
      const [one = 0, two = 0, local = 0] = await freePorts(3)
      await using reflector = createAgent()
      await using agent = createAgent()
      await reflector.reflect([one, two])
      const seen = await agent.open({
        protocol,
        localPort: local,
        to: [
          { address, port: one },
          { address, port: two },
        ],
        listen: true,
        timeoutMs: PATIENCE_MS,
      })
      assert.deepEqual(seen, [
        { address, port: local },
        { address, port: local },
      ])
      const fromPort = protocol === 'udp' ? two : null
      const to = { address, port: local }
      const knocked = await reflector.knock({ protocol, fromPort, to, timeoutMs: PATIENCE_MS })
      assert.equal(knocked?.address, address)
      if (fromPort !== null) assert.equal(knocked.port, fromPort)
    })

    it(`answers null where nobody answers its ${protocol} hello`, async () => {
      const [nobody = 0, local = 0] = await freePorts(2)
      await using agent = createAgent()
      const to = { address, port: nobody }
      const request = { protocol, localPort: local, to: [to], listen: false, timeoutMs: 100 }
      assert.deepEqual(await agent.open(request), [null])
      assert.equal(await agent.knock({ protocol, fromPort: null, to, timeoutMs: 100 }), null)
    })

    it(`gives ${protocol} ports back when it is reset`, async () => {
      const [port = 0, local = 0] = await freePorts(2)
      await using reflector = createAgent()
      await using agent = createAgent()
      await reflector.reflect([port])
      const to = [{ address, port }]
      const request = { protocol, localPort: local, to, listen: true, timeoutMs: PATIENCE_MS }
      assert.deepEqual(await agent.open(request), [{ address, port: local }])
      await agent.reset()
      assert.deepEqual(await agent.open(request), [{ address, port: local }])
    })
  }

  it('gives up a call that is aborted, and one that a reset ends', async () => {
    const [silent = 0] = await freePorts(1)
    await using agent = createAgent()
    const reason = new Error('given up')
    const knock = {
      protocol: 'udp',
      fromPort: null,
      to: { address, port: silent },
      timeoutMs: 60_000,
    } as const
    const controller = new AbortController()
    const aborted = assert.rejects(agent.knock(knock, { signal: controller.signal }), reason)
    const ended = assert.rejects(agent.knock(knock), { name: 'AbortError' })
    controller.abort(reason)
    await aborted
    await agent.reset()
    await ended
  })
})

describe('a probe agent behind lines', () => {
  it('does as it is told, and answers each call by itself', async () => {
    const [port = 0, local = 0, silent = 0] = await freePorts(3)
    const { agent, client } = connectLines()
    await using _agent = agent
    await using _client = client
    await client.reflect([port])
    const slow = client.knock({
      protocol: 'udp',
      fromPort: null,
      to: { address, port: silent },
      timeoutMs: 300,
    })
    const to = [{ address, port }]
    const seen = await client.open({
      protocol: 'tcp',
      localPort: local,
      to,
      listen: false,
      timeoutMs: PATIENCE_MS,
    })
    assert.deepEqual(seen, [{ address, port: local }])
    assert.equal(await slow, null)
    await client.reset()
  })

  it('rejects with the name and the text of what failed there', async () => {
    const [port = 0] = await freePorts(1)
    await using taker = createAgent()
    await taker.reflect([port])
    const { agent, client } = connectLines()
    await using _agent = agent
    await using _client = client
    await assert.rejects(client.reflect([port]), { name: 'Error', message: /EADDRINUSE/ })
  })

  it('rejects pending and later calls when the other end is gone', async () => {
    const [silent = 0] = await freePorts(1)
    const { agent, client, output } = connectLines()
    await using _agent = agent
    const to = { address, port: silent }
    const knock = { protocol: 'udp', fromPort: null, to, timeoutMs: 60_000 } as const
    const pending = assert.rejects(client.knock(knock), { name: 'DisconnectedError' })
    output.end()
    await pending
    await assert.rejects(client.reset(), { name: 'DisconnectedError' })
  })

  it('ends with its input', async () => {
    const { agent, input, served } = connectLines()
    await using _agent = agent
    input.end()
    await served
  })
})
