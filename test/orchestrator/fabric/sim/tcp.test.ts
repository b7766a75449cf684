import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { SimHost } from '#orchestrator/fabric/sim/host.ts'
import { SimInternet } from '#orchestrator/fabric/sim/internet.ts'
import { SocketError } from '#orchestrator/fabric/sim/socket-error.ts'
import type { TcpConnection } from '#orchestrator/fabric/sim/tcp-connection.ts'
import type { LinkPlan } from '#orchestrator/net/link.ts'
import { ManualClock } from '#test/support/manual-clock.ts'
import { labPlan, perfectLink } from './plans.ts'

const port = 3000
const serverAddress = '11.0.0.20'

/** Two hosts on the internet, in a time of their own. */
function createPair(link: Partial<LinkPlan> = {}, seed = 1) {
  const clock = new ManualClock()
  const plan = { ...labPlan([], { ...perfectLink, latencyMs: 1, ...link }), seed }
  const internet = new SimInternet(plan, { clock })
  const place = { network: 'internet', gateway: null }
  const client = internet.addHost({ ...place, name: 'client', address: '11.0.0.10' })
  const server = internet.addHost({ ...place, name: 'server', address: serverAddress })
  return { clock, internet, client, server }
}

/** What one end of a connection was told. */
class Record {
  readonly chunks: Uint8Array[] = []
  readonly told: string[] = []
  readonly connection: TcpConnection

  constructor(connection: TcpConnection) {
    this.connection = connection
    connection.handle({
      data: (chunk) => this.chunks.push(chunk),
      end: () => this.told.push('end'),
      drain: () => this.told.push('drain'),
      close: (error) => this.told.push(error === null ? 'close' : `close ${error.code}`),
    })
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }
}

function listen(host: SimHost): Record[] {
  const accepted: Record[] = []
  const onConnection = (connection: TcpConnection): void => {
    accepted.push(new Record(connection))
  }
  host.tcp.listen({ address: '0.0.0.0', port, onConnection })
  return accepted
}

const to = { address: serverAddress, port }

async function connectedPair(link: Partial<LinkPlan> = {}) {
  const pair = createPair(link)
  const accepted = listen(pair.server)
  const connecting = pair.client.tcp.connect({ to, localPort: null })
  await pair.clock.advance(1000)
  const near = new Record(await connecting)
  const far = accepted[0]
  assert.ok(far)
  return { ...pair, near, far }
}

function pattern(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31) % 251))
}

/** Writes as a well-behaved application does: waits for drain where it is told to. */
async function writeAll(
  clock: ManualClock,
  record: Record,
  data: Uint8Array,
  patienceMs: number,
): Promise<void> {
  for (let offset = 0; offset < data.byteLength; offset += 10_000) {
    if (record.connection.write(data.subarray(offset, offset + 10_000))) continue
    const drains = record.told.filter((what) => what === 'drain').length
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 100) {
      await clock.advance(100)
      if (record.told.filter((what) => what === 'drain').length > drains) break
    }
  }
}

describe('simulated TCP', () => {
  it('opens in one round trip', async () => {
    const { clock, client, server } = createPair({ latencyMs: 10 })
    listen(server)
    const openedMs = client.tcp.connect({ to, localPort: null }).then(() => clock.now())
    await clock.advance(100)
    assert.equal(await openedMs, 20)
  })

  it('keeps bytes in order, whatever sizes they are written in', async () => {
    const { clock, near, far } = await connectedPair()
    const sent = pattern(100_000)
    await writeAll(clock, near, sent, 1000)
    await clock.advance(1000)
    assert.ok(far.bytes.equals(sent))
  })

  it(
    'delivers everything over links that lose and delay at random',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 1_000_000 }),
          // At a loss of 0.3, one segment in 50 000 is lost 16 times in a row, and the connection with it.
          fc.double({ min: 0, max: 0.2, noNaN: true }),
          fc.integer({ min: 0, max: 8 }),
          async (seed, loss, jitterMs) => {
            const { clock, client, server, internet } = createPair(
              { loss, jitterMs, latencyMs: 10 },
              seed,
            )
            const accepted = listen(server)
            const connecting = client.tcp.connect({ to, localPort: null })
            await clock.advance(300_000)
            const near = new Record(await connecting)
            // What tells that there is room again may be lost as well.
            accepted[0]?.connection.pause()
            near.connection.write(pattern(600_000))
            await clock.advance(1_000_000)
            accepted[0]?.connection.resume()
            await clock.advance(1_000_000)
            const sent = pattern(150_000)
            await writeAll(clock, near, sent, 300_000)
            near.connection.end()
            await clock.advance(1_000_000)
            const [far] = accepted
            assert.ok(far)
            assert.ok(far.bytes.equals(Buffer.concat([pattern(600_000), sent])))
            assert.deepEqual(far.told, ['end'])
            internet.stop()
          },
        ),
        { numRuns: 15 },
      )
    },
  )

  it('hands the receiver a copy, so that neither end sees what the other does to it', async () => {
    const { clock, near, far } = await connectedPair()
    const data = Buffer.from('before')
    near.connection.write(data)
    data.fill(0)
    await clock.advance(100)
    assert.equal(far.bytes.toString(), 'before')
  })

  it('keeps one direction open after the other has ended', async () => {
    const { clock, near, far } = await connectedPair()
    near.connection.end()
    await clock.advance(100)
    assert.deepEqual(far.told, ['end'])
    far.connection.write(Buffer.from('still here'))
    far.connection.end()
    await clock.advance(100)
    assert.equal(near.bytes.toString(), 'still here')
    assert.deepEqual(
      [near.told, far.told],
      [
        ['end', 'close'],
        ['end', 'close'],
      ],
    )
  })

  it('tells the far end of a reset', async () => {
    const { clock, near, far } = await connectedPair()
    near.connection.reset()
    await clock.advance(100)
    assert.deepEqual(near.told, ['close'])
    assert.deepEqual(far.told, ['close ECONNRESET'])
  })

  it('tells whoever takes a connection over late what came, and that it ended', async () => {
    const { clock, client, server } = createPair()
    const early: TcpConnection[] = []
    server.tcp.listen({ address: '0.0.0.0', port, onConnection: (one) => early.push(one) })
    const connecting = client.tcp.connect({ to, localPort: null })
    await clock.advance(100)
    const near = await connecting
    near.write(Buffer.from('early'))
    near.end()
    await clock.advance(100)
    const [connection] = early
    assert.ok(connection)
    const far = new Record(connection)
    assert.equal(far.bytes.toString(), 'early')
    assert.deepEqual(far.told, ['end'])
  })

  it('tells whoever takes a connection over late that it broke', async () => {
    const { clock, client, server } = createPair()
    const early: TcpConnection[] = []
    server.tcp.listen({ address: '0.0.0.0', port, onConnection: (one) => early.push(one) })
    const connecting = client.tcp.connect({ to, localPort: null })
    await clock.advance(100)
    const near = await connecting
    near.reset()
    await clock.advance(100)
    const [connection] = early
    assert.ok(connection)
    assert.deepEqual(new Record(connection).told, ['close ECONNRESET'])
  })

  it('sends a lost segment again within a round trip or so, and what came after it not at all', async () => {
    const { clock, internet, near, far } = await connectedPair({ latencyMs: 10, loss: 0.03 })
    const startMs = clock.now()
    const sent = pattern(2_000_000)
    await writeAll(clock, near, sent, 10_000)
    while (far.bytes.byteLength < sent.byteLength && clock.now() < 60_000) await clock.advance(10)
    // By timeouts alone, of 200 ms and more each, it would take twice as long.
    assert.ok(far.bytes.equals(sent))
    assert.ok(clock.now() - startMs < 1500, `${clock.now() - startMs} ms`)
    internet.stop()
  })

  it('makes the writer wait while the reader pauses, and go on when he resumes', async () => {
    const { clock, near, far } = await connectedPair()
    far.connection.pause()
    const sent = pattern(2_000_000)
    let written = 0
    while (near.connection.write(sent.subarray(written, written + 10_000))) written += 10_000
    written += 10_000
    await clock.advance(60_000)
    assert.equal(far.bytes.byteLength, 0)
    assert.ok(written < 500_000)
    assert.deepEqual(near.told, [])
    far.connection.resume()
    // Sooner than a probe of the shut window would find out.
    await clock.advance(50)
    assert.deepEqual(near.told, ['drain'])
    assert.ok(far.bytes.equals(sent.subarray(0, written)))
  })

  it('is refused where nobody listens', async () => {
    const { clock, client } = createPair()
    const failure = assert.rejects(client.tcp.connect({ to, localPort: null }), {
      name: 'SocketError',
      code: 'ECONNREFUSED',
      message: `connect ECONNREFUSED ${serverAddress}:3000`,
    })
    await clock.advance(10)
    await failure
  })

  it('finds a neighbour that does not exist unreachable after three seconds, as Linux does', async () => {
    const { clock, client } = createPair()
    const nobody = { address: '11.0.0.77', port }
    let code: unknown
    client.tcp.connect({ to: nobody, localPort: null }).catch((error: unknown) => {
      code = (error as { code: string }).code
    })
    await clock.advance(2900)
    assert.equal(code, undefined)
    await clock.advance(200)
    assert.equal(code, 'EHOSTUNREACH')
  })

  it('goes on sending to a neighbour that has left, and misses it after half a minute, as Linux does', async () => {
    const { clock, client, server, internet } = await connectedPair()
    internet.removeHost(server)
    const dial = async (): Promise<string> => {
      const giveUp = new AbortController()
      const connecting = client.tcp.connect({ to, localPort: null, signal: giveUp.signal })
      const ended = connecting.then(
        () => 'connected',
        (error: Error) => (error instanceof SocketError ? error.code : error.name),
      )
      await clock.advance(5000)
      giveUp.abort()
      return ended
    }
    assert.equal(await dial(), 'AbortError')
    await clock.advance(40_000)
    assert.equal(await dial(), 'EHOSTUNREACH')
  })

  it('trusts no answer that it never had: a neighbour that came and left unmet is missed after three seconds', async () => {
    const { clock, client, server, internet } = createPair()
    internet.removeHost(server)
    let code: unknown
    client.tcp.connect({ to, localPort: null }).catch((error: unknown) => {
      code = (error as { code: string }).code
    })
    await clock.advance(3100)
    assert.equal(code, 'EHOSTUNREACH')
  })

  it('keeps what was meant for a host from the one that comes to its address after it', async () => {
    const { clock, internet, client, server } = createPair()
    listen(server)
    const from = { to, localPort: 6000 }
    const first = client.tcp.connect(from)
    await clock.advance(100)
    await first
    // The one end is gone when the other end's reset is sent.
    internet.removeHost(client)
    internet.removeHost(server)
    const place = { network: 'internet', gateway: null }
    const nextClient = internet.addHost({ ...place, name: 'client', address: '11.0.0.10' })
    const accepted = listen(internet.addHost({ ...place, name: 'server', address: serverAddress }))
    const second = nextClient.tcp.connect(from)
    await clock.advance(100)
    const near = new Record(await second)
    await clock.advance(5000)
    assert.deepEqual([near.told, accepted[0]?.told], [[], []])
  })

  it('takes other ports after each start of a host', async () => {
    const { clock, internet, client, server } = createPair()
    listen(server)
    const first = client.tcp.connect({ to, localPort: null })
    await clock.advance(100)
    const { port: before } = (await first).local
    internet.removeHost(client)
    const place = { network: 'internet', gateway: null, name: 'client', address: '11.0.0.10' }
    const second = internet.addHost(place).tcp.connect({ to, localPort: null })
    await clock.advance(100)
    assert.notEqual((await second).local.port, before)
  })

  it('has no route to what is no neighbour without a gateway', async () => {
    const { client } = createPair()
    const elsewhere = { address: '12.0.0.1', port }
    const connecting = client.tcp.connect({ to: elsewhere, localPort: null })
    await assert.rejects(connecting, { code: 'ENETUNREACH' })
  })

  it('gives up after six SYNs that nobody answers', async () => {
    const { clock, client } = createPair({ loss: 1 })
    const failure = assert.rejects(client.tcp.connect({ to, localPort: null }), {
      code: 'ETIMEDOUT',
    })
    await clock.advance(128_000)
    await failure
  })

  it('gives up when the caller does', async () => {
    const { clock, client } = createPair({ loss: 1 })
    const giveUp = new AbortController()
    const connecting = client.tcp.connect({ to, localPort: null, signal: giveUp.signal })
    await clock.advance(10)
    giveUp.abort()
    await assert.rejects(connecting, { name: 'AbortError' })
  })

  it('breaks the connections of a host that is taken off the network', async () => {
    const { clock, near, far, internet, server } = await connectedPair()
    internet.removeHost(server)
    await clock.advance(10)
    assert.deepEqual(near.told, ['close ECONNRESET'])
    assert.deepEqual(far.told, ['close'])
  })

  it('does not dial from a port that it listens on, and listens on one that it dialled from', async () => {
    const { clock, client, server } = createPair()
    listen(server)
    client.tcp.listen({ address: '0.0.0.0', port: 5000, onConnection: () => undefined })
    await assert.rejects(client.tcp.connect({ to, localPort: 5000 }), { code: 'EADDRINUSE' })
    const connecting = client.tcp.connect({ to, localPort: 6000 })
    await clock.advance(10)
    await connecting
    await assert.rejects(client.tcp.connect({ to, localPort: 6000 }), { code: 'EADDRNOTAVAIL' })
    client.tcp.listen({ address: '0.0.0.0', port: 6000, onConnection: () => undefined })
  })

  it('listens once on a port', () => {
    const { client } = createPair()
    const request = { port, onConnection: () => undefined }
    const first = client.tcp.listen({ ...request, address: '0.0.0.0' })
    for (const address of ['0.0.0.0', '127.0.0.1', '11.0.0.10']) {
      assert.throws(() => client.tcp.listen({ ...request, address }), { code: 'EADDRINUSE' })
    }
    first.close()
    client.tcp.listen({ ...request, address: '127.0.0.1' })
    assert.throws(() => client.tcp.listen({ ...request, address: '11.9.9.9' }), {
      code: 'EADDRNOTAVAIL',
    })
  })

  it('opens where both ends dial each other at once', async () => {
    const { clock, client, server } = createPair()
    const both = Promise.all([
      client.tcp.connect({ to: { address: serverAddress, port: 7000 }, localPort: 7000 }),
      server.tcp.connect({ to: { address: '11.0.0.10', port: 7000 }, localPort: 7000 }),
    ])
    await clock.advance(10)
    const [one, other] = (await both).map((connection) => new Record(connection))
    one?.connection.write(Buffer.from('hello'))
    await clock.advance(10)
    assert.equal(other?.bytes.toString(), 'hello')
  })

  it('gives each host a loopback of its own', async () => {
    const { clock, client, server } = createPair()
    listen(server)
    const loopback = { address: '127.0.0.1', port }
    const failure = assert.rejects(client.tcp.connect({ to: loopback, localPort: null }), {
      code: 'ECONNREFUSED',
    })
    const own = server.tcp.connect({ to: loopback, localPort: null })
    await clock.advance(10)
    await failure
    assert.equal((await own).local.address, '127.0.0.1')
  })
})
