import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { mplex } from '@libp2p/mplex'
import { generateKey, preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import type { Diagnosis } from '#node/doctor/diagnosis.ts'
import { examine } from '#node/doctor/examine.ts'

/** What says nothing is given up after this. */
const TIMEOUT_MS = 800

async function examineAt(address: string): Promise<Diagnosis> {
  return examine(address, {
    protocol: '/ipfs/kad/1.0.0',
    scope: 'any',
    dialPrivate: false,
    timeoutMs: TIMEOUT_MS,
  })
}

/** Examines something that is no libp2p and listens on loopback. */
async function examineServer(onConnection: (socket: Socket) => void): Promise<Diagnosis> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    onConnection(socket)
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    return await examineAt(`/ip4/127.0.0.1/tcp/${port}`)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
}

/** Examines a real libp2p host on loopback that is set to something which the doctor does not have. */
async function examineHost(options: Libp2pOptions): Promise<Diagnosis> {
  const host = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    ...options,
  })
  try {
    return await examineAt(host.getMultiaddrs()[0]?.toString() ?? '')
  } finally {
    await host.stop()
  }
}

function assertMet(diagnosis: Diagnosis, cause: string, text = /./): void {
  const { checks, sighting } = diagnosis
  const seen = JSON.stringify(diagnosis, null, 1)
  assert.equal(sighting.cause, cause, seen)
  assert.deepEqual(checks.map(({ name, ok }) => [name, ok]).slice(0, 2), [
    ['dial', true],
    ['handshake', false],
  ])
  assert.match(checks[1]?.detail ?? '', text)
  assert.match(sighting.remedy?.text ?? '', /\.$/)
  assert.doesNotMatch(seen, /aborted/)
}

describe('the doctor, where TCP answers and libp2p does not', () => {
  for (const [name, looks, say] of [
    ['HTTP', /HTTP/, 'HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'],
    ['SSH', /SSH/, 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['SMTP', /SMTP/, '220 mail.example ESMTP\r\n'],
    ['TLS', /TLS/, Buffer.from([0x15, 3, 3, 0, 2, 2, 70])],
    ['text of its own', /it says "hello you"/, 'hello you\n'],
    ['a screen that is cleared', /\\x1b\[2J|no known form/, '\x1b[2J\x1b[H all is well'],
    ['other bytes', /no known form/, Buffer.alloc(200, 0xfe)],
  ] as const) {
    it(`knows ${name}`, async () => {
      assertMet(await examineServer((socket) => socket.write(say)), 'NOT_LIBP2P', looks)
    })
  }

  it('knows what sends back what it is told', async () => {
    assertMet(
      await examineServer((socket) => socket.pipe(socket)),
      'NOT_LIBP2P',
      /sends back what it is told/,
    )
  })

  it('knows silence', async () => {
    assertMet(await examineServer((socket) => socket.resume()), 'CONNECTION_SILENT', /says nothing/)
  })

  it('knows what begins as libp2p and stops there', async () => {
    const stopped = await examineServer((socket) => socket.write('\x13/multistream/1.0.0\n'))
    assertMet(stopped, 'CONNECTION_SILENT', /begins the handshake/)
  })

  it('knows what sends its greeting a byte at a time', async () => {
    const dripping = await examineServer((socket) => {
      const timer = setInterval(() => socket.write('*'), 100)
      socket.on('close', () => clearInterval(timer))
    })
    assertMet(dripping, 'NOT_LIBP2P')
  })

  it('says no more than it knows of one that just closes', async () => {
    assertMet(await examineServer((socket) => socket.end()), 'CONNECTION_DENIED')
  })

  it('knows a private network by its cipher', async () => {
    const key = new Uint8Array(95)
    generateKey(key)
    const diagnosis = await examineHost({ connectionProtector: preSharedKey({ psk: key }) })
    assertMet(diagnosis, 'PRIVATE_NETWORK', /swarm key/)
  })

  it('knows a host that speaks TLS alone', async () => {
    assertMet(await examineHost({ connectionEncrypters: [tls()] }), 'NO_COMMON_ENCRYPTER')
  })

  it('knows a host that speaks mplex alone', async () => {
    assertMet(await examineHost({ streamMuxers: [mplex()] }), 'NO_COMMON_MUXER')
  })

  it('knows a host that denies the doctor once it knows who it is', async () => {
    const diagnosis = await examineHost({
      connectionGater: { denyInboundEncryptedConnection: () => true },
    })
    assert.equal(diagnosis.sighting.cause, 'DENIED_AFTER_HANDSHAKE', JSON.stringify(diagnosis))
  })
})
