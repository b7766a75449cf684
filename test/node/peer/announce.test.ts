import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { parseConfig } from '#node/config/config.ts'
import { announcedAddresses, announcedByConfig, withoutLoopback } from '#node/peer/announce.ts'
import { MemoryNetwork } from '../memory-network.ts'
import { addressOf, lists, startPeer } from '../peers.ts'

function announced(env: Record<string, string>) {
  return announcedByConfig(parseConfig(env))
}

describe('announcedByConfig', () => {
  it('announces nothing of its own accord', () => {
    assert.deepEqual(announced({}), { announce: [], appendAnnounce: [] })
  })

  it('announces PUBLIC_IP with the port it listens on, instead of the interfaces', () => {
    assert.deepEqual(announced({ PUBLIC_IP: '11.0.0.1', LISTEN_PORT: '4001' }), {
      announce: ['/ip4/11.0.0.1/tcp/4001'],
      appendAnnounce: [],
    })
  })

  it('announces PUBLIC_IP once for each port of LISTEN, and IPv6 as such', () => {
    const listen = '/ip4/0.0.0.0/tcp/1 /ip6/::/tcp/1 /ip4/0.0.0.0/tcp/2'
    assert.deepEqual(announced({ PUBLIC_IP: '2a00::1', LISTEN: listen }).announce, [
      '/ip6/2a00::1/tcp/1',
      '/ip6/2a00::1/tcp/2',
    ])
  })

  it('lets ANNOUNCE replace everything and APPEND_ANNOUNCE come on top of either', () => {
    const more = { APPEND_ANNOUNCE: '/dns4/a.example/tcp/2' }
    assert.deepEqual(
      announced({ PUBLIC_IP: '11.0.0.1', ANNOUNCE: '/ip4/11.0.0.2/tcp/1', ...more }),
      {
        announce: ['/ip4/11.0.0.2/tcp/1', '/dns4/a.example/tcp/2'],
        appendAnnounce: [],
      },
    )
    assert.deepEqual(announced(more), { announce: [], appendAnnounce: ['/dns4/a.example/tcp/2'] })
  })
})

describe('withoutLoopback', () => {
  it('leaves loopback out unless there is nothing else', () => {
    const loopback = multiaddr('/ip4/127.0.0.1/tcp/1')
    const other = multiaddr('/ip4/10.0.0.4/tcp/1')
    assert.deepEqual(withoutLoopback([loopback, other]), [other])
    assert.deepEqual(withoutLoopback([loopback]), [loopback])
  })
})

describe('confirmInterfaceAddresses', () => {
  it('announces a public address that stands on the interface, so that others list the node', async () => {
    const network = new MemoryNetwork()
    const [here, there] = [{ address: '11.0.0.5' }, { address: '11.0.0.6' }]
    await using a = await startPeer(network, here)
    assert.deepEqual(announcedAddresses(a.libp2p).map(String), ['/ip4/11.0.0.5/tcp/3000'])
    await using b = await startPeer(network, there, { BOOTSTRAP: addressOf(here) })
    await lists(a, b.peerId)
  })
})
