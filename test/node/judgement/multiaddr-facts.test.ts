import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  hostPort,
  otherTransportOf,
  peerIdOf,
  reachOf,
  withoutPeerId,
} from '#node/judgement/multiaddr-facts.ts'

const ID = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'

describe('hostPort', () => {
  it('takes host and port, whatever follows', () => {
    const address = `/ip4/11.0.0.12/tcp/3000/ws/p2p/${ID}`
    assert.deepEqual(hostPort(address), { host: '11.0.0.12', port: 3000, family: 'ip4' })
    assert.deepEqual(hostPort('/dns4/b.example/udp/1'), {
      host: 'b.example',
      port: 1,
      family: 'dns',
    })
    assert.equal(hostPort('/ip6/::1')?.port, null)
  })

  it('is null where there is no host', () => {
    assert.equal(hostPort(`/p2p/${ID}`), null)
    assert.equal(hostPort('no multiaddr'), null)
  })
})

describe('reachOf', () => {
  it('tells loopback, private and public apart as libp2p does', () => {
    const reaches = {
      '/ip4/127.0.0.2/tcp/1': 'loopback',
      '/ip6/::1/tcp/1': 'loopback',
      '/ip4/10.0.0.4/tcp/1': 'private',
      '/ip4/100.64.0.1/tcp/1': 'private',
      '/ip4/203.0.113.1/tcp/1': 'private',
      '/ip4/11.0.0.12/tcp/1': 'public',
      '/dns4/b.example/tcp/1': 'public',
    }
    for (const [address, reach] of Object.entries(reaches)) assert.equal(reachOf(address), reach)
  })
})

describe('the peer id of a multiaddr', () => {
  it('is the last part', () => {
    assert.equal(peerIdOf(`/ip4/11.0.0.12/tcp/3000/p2p/${ID}`), ID)
    assert.equal(withoutPeerId(`/ip4/11.0.0.12/tcp/3000/p2p/${ID}`), '/ip4/11.0.0.12/tcp/3000')
    assert.equal(peerIdOf('/ip4/11.0.0.12/tcp/3000'), null)
    assert.equal(withoutPeerId('/ip4/11.0.0.12/tcp/3000'), '/ip4/11.0.0.12/tcp/3000')
  })

  it("is the target's, not the relay's", () => {
    assert.equal(peerIdOf(`/ip4/11.0.0.12/tcp/1/p2p/${ID}/p2p-circuit`), null)
  })
})

describe('otherTransportOf', () => {
  it('names what a node over TCP does not speak', () => {
    for (const [address, expected] of [
      ['/ip4/11.0.0.12/tcp/3000', null],
      ['/ip4/11.0.0.12/udp/3000/quic-v1', 'QUIC'],
      ['/ip4/11.0.0.12/udp/3000/quic-v1/webtransport', 'WebTransport'],
      ['/ip4/11.0.0.12/tcp/3000/ws', 'WebSocket'],
      ['/ip4/11.0.0.12/tcp/3000/p2p/x/p2p-circuit', 'relay'],
    ] as const) {
      assert.equal(otherTransportOf(address), expected)
    }
  })
})
