import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import type { DialOutcome } from '#node/judgement/dial-outcome.ts'
import type { KadlabNode } from '#node/node.ts'
import { addressOf, createLoopbackNode } from '#test/node/loopback-node.ts'
import { eventOf, listEachOther } from '#test/support/node-events.ts'

const SWARM_KEY = (digit: string): string =>
  `/key/swarm/psk/1.0.0/\n/base16/\n${digit.repeat(64)}\n`

let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
const keyFile = (digit: string): string => join(folder.path, `${digit}.key`)

before(async () => {
  folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-'))
  for (const digit of ['a', 'b']) await writeFile(keyFile(digit), SWARM_KEY(digit))
})
after(async () => folder.remove())

/** A started node with the swarm key of this digit; null: without. */
async function startNode(
  seed: number,
  digit: string | null,
  env: Record<string, string> = {},
): Promise<KadlabNode> {
  const key = digit === null ? {} : { SWARM_KEY_FILE: keyFile(digit) }
  const node = await createLoopbackNode(seed, { DIAL_ADDRESS_TIMEOUT_MS: '2000', ...key, ...env })
  await node.start()
  return node
}

/** What a node with a swarm key meets where something listens that is no peer. */
async function dialled(say: (socket: Socket) => void): Promise<DialOutcome> {
  await using node = await startNode(1, 'a', { DIAL_ADDRESS_TIMEOUT_MS: '600' })
  const server = createServer((socket) => {
    socket.on('error', () => {})
    say(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const bound = server.address()
    assert.ok(bound !== null && typeof bound !== 'string')
    return await node.api.dial(`/ip4/127.0.0.1/tcp/${bound.port}`)
  } finally {
    server.close()
  }
}

async function startStock(options: Libp2pOptions) {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    ...options,
  })
}

describe('a private network', () => {
  it('is joined with its key: nodes list each other and store', async () => {
    await using a = await startNode(1, 'a')
    await using b = await startNode(2, 'a', { BOOTSTRAP: await addressOf(a) })
    await listEachOther(a, b)
    assert.equal((await b.api.put('x', Buffer.from('v'))).copies, 1)
    const [sighting] = await a.api.discovery({ dialBack: true })
    assert.deepEqual([sighting?.peerId, sighting?.rung], [b.peerId, 'dialable'])
  })

  for (const [who, digit] of [
    ['no key', null],
    ['another key', 'b'],
  ] as const) {
    it(`names who has ${who} PRIVATE_NETWORK, and is named so`, async () => {
      await using a = await startNode(1, 'a')
      await using stranger = await startNode(3, digit, { BOOTSTRAP: await addressOf(a) })
      const address = await addressOf(stranger)
      // By the chance of a nonce the stranger waits or closes: both are asked again, in the open.
      for (let time = 0; time < 4; time += 1) {
        const { ok, kind } = await a.api.dial(address)
        assert.deepEqual([ok, kind], [false, 'private-network'])
      }
      await eventOf(stranger, 'dial-failed')
      const [seen] = await stranger.api.discovery({ targets: [a.peerId] })
      assert.equal(seen?.cause, 'PRIVATE_NETWORK', JSON.stringify(seen))
      await using b = await startNode(2, 'a', { BOOTSTRAP: address })
      await eventOf(b, 'dial-failed')
      const [sighting] = await b.api.discovery({ targets: [stranger.peerId] })
      assert.equal(sighting?.cause, 'PRIVATE_NETWORK', JSON.stringify(sighting))
      assert.match(sighting?.remedy?.text ?? '', /SWARM_KEY_FILE/)
    })
  }

  it('is one with stock peers of libp2p', async () => {
    await using node = await startNode(1, 'a')
    const psk = new TextEncoder().encode(SWARM_KEY('a').trim())
    const stock = await startStock({ connectionProtector: preSharedKey({ psk }) })
    const connection = await stock.dial(multiaddr(await addressOf(node)))
    assert.equal(connection.remotePeer.toString(), node.peerId)
    assert.equal((await node.api.dial(String(stock.getMultiaddrs()[0]))).ok, true)
    await stock.stop()
  })

  it('tells a peer with its key and no encrypter in common', async () => {
    await using node = await startNode(1, 'a')
    const psk = new TextEncoder().encode(SWARM_KEY('a').trim())
    const connectionProtector = preSharedKey({ psk })
    const stock = await startStock({ connectionProtector, connectionEncrypters: [tls()] })
    const { kind } = await node.api.dial(String(stock.getMultiaddrs()[0]))
    await stock.stop()
    assert.equal(kind, 'no-encrypter')
  })

  it('tells what is no peer at all as it is', async () => {
    const { kind: silent } = await dialled((socket) => socket.resume())
    const { kind: closed } = await dialled((socket) => socket.end())
    const { kind: http, error } = await dialled((socket) =>
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'),
    )
    assert.deepEqual([silent, closed, http], ['silent', 'denied', 'not-libp2p'])
    assert.match(error ?? '', /HTTP/)
  })

  it('is entered by no node whose file holds no key', async () => {
    const path = join(folder.path, 'none.key')
    await writeFile(path, 'a'.repeat(64))
    await assert.rejects(createLoopbackNode(1, { SWARM_KEY_FILE: path }), {
      name: 'SwarmKeyError',
    })
  })
})
