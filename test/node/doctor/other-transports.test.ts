import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { examine } from '#node/doctor/examine.ts'
import { OTHER_TRANSPORTS, transportOf } from '#node/doctor/other-transports.ts'
import { createStranger, endStranger } from '#node/doctor/stranger.ts'
import { libp2pParts } from '#node/patches/parts.ts'
import { dialRules } from '#node/peer/address-scope.ts'

describe('transportOf', () => {
  for (const [address, expected] of [
    ['/ip4/11.0.0.11/tcp/3000', undefined],
    ['/ip4/11.0.0.11/udp/3000/quic-v1', 'QUIC'],
    ['/dns4/example.org/udp/3000/quic-v1', 'QUIC'],
    ['/ip4/11.0.0.11/udp/3000/quic', undefined],
    ['/ip4/11.0.0.11/udp/3000/quic-v1/webtransport', undefined],
    ['/ip6/fd00::1/tcp/3000/ws', 'WebSocket'],
    ['/dns/example.org/tcp/443/wss', 'WebSocket'],
    ['/dns/example.org/tcp/443/tls/ws', 'WebSocket'],
    ['/ip4/11.0.0.11/tcp/443/tls/sni/example.org/ws', 'WebSocket'],
    ['/ip4/11.0.0.11/tcp/443/ws/p2p-circuit', undefined],
    ['nothing', undefined],
  ] as const) {
    it(`takes ${address} for ${expected ?? 'none'}`, () => {
      assert.equal(transportOf(address)?.name, expected)
    })
  }
})

describe('a transport beside TCP', () => {
  it('leaves names alone that lead to private addresses', async () => {
    const rules = dialRules({ dialPrivate: false, bootstrap: [] })
    const stranger = await createStranger({}, rules, 2000)
    try {
      for (const address of ['/dns4/localhost/udp/1/quic-v1', '/dns4/localhost/tcp/1/ws']) {
        const { transportManager } = libp2pParts(stranger)
        const signal = AbortSignal.timeout(60_000)
        await assert.rejects(transportManager.dial(multiaddr(address), { signal }), {
          name: 'PrivateHostError',
        })
      }
    } finally {
      await endStranger(stranger, {})
    }
  })

  it('is not there where its package is not', async () => {
    const others = OTHER_TRANSPORTS.map((each) => ({ ...each, load: async () => null }))
    const stranger = await createStranger({ others }, null, 2000)
    try {
      const { transportManager } = libp2pParts(stranger)
      const quic = multiaddr('/ip4/127.0.0.1/udp/1/quic-v1')
      assert.equal(transportManager.dialTransportForMultiaddr(quic), undefined)
    } finally {
      await endStranger(stranger, {})
    }
  })

  it('says of what opens no WebSocket just that: it may be a web server, or a peer over plain TCP', async () => {
    const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const { sighting, checks } = await examine(`/ip4/127.0.0.1/tcp/${port}/ws`, {
        protocol: '/ipfs/kad/1.0.0',
        scope: 'any',
        dialPrivate: true,
        timeoutMs: 10_000,
      })
      assert.equal(sighting.cause, 'DIAL_FAILED')
      assert.match(checks.find(({ name }) => name === 'dial')?.detail ?? '', /no WebSocket/)
      assert.match(sighting.remedy?.text ?? '', /what answers at .* opens no WebSocket/)
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })
})
