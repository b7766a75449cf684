import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { parseConfig } from '#node/config/config.ts'
import { privateDialGater, scopeMapper } from '#node/peer/address-scope.ts'
import { newPeerId } from '../fake-libp2p.ts'
import { MemoryNetwork } from '../memory-network.ts'
import { startPeer } from '../peers.ts'

const PUBLIC = '/ip4/11.0.0.1/tcp/1'
const NAMED = '/dns4/a.example/tcp/1'
const LAN = '/ip4/192.168.1.2/tcp/1'
const CARRIER = '/ip4/100.64.0.1/tcp/1'
const DOCUMENTATION = '/ip4/203.0.113.1/tcp/1'
const ALL = [PUBLIC, NAMED, LAN, CARRIER, DOCUMENTATION]

async function allows(env: Record<string, string>, address: string): Promise<boolean> {
  const gater = privateDialGater(parseConfig(env))
  return (await gater.denyDialMultiaddr?.(multiaddr(address))) !== true
}

describe('scopeMapper', () => {
  for (const [scope, left] of [
    ['public', [PUBLIC, NAMED]],
    ['private', [LAN, CARRIER, DOCUMENTATION]],
    ['any', ALL],
  ] as const) {
    it(`leaves the addresses of scope ${scope}`, async () => {
      const peer = { id: await newPeerId(), multiaddrs: ALL.map((address) => multiaddr(address)) }
      assert.deepEqual(scopeMapper(scope)(peer).multiaddrs.map(String), left)
      assert.equal(peer.multiaddrs.length, ALL.length)
    })
  }
})

describe('privateDialGater', () => {
  it('denies private addresses with the public scope, and no others', async () => {
    assert.deepEqual(await Promise.all(ALL.map(async (address) => allows({}, address))), [
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('allows them with another scope, or where it is told to', async () => {
    assert.equal(await allows({ ADDRESS_SCOPE: 'any' }, LAN), true)
    assert.equal(await allows({ ADDRESS_SCOPE: 'any', DIAL_PRIVATE: 'no' }, LAN), false)
    assert.equal(await allows({ DIAL_PRIVATE: 'yes' }, LAN), true)
  })

  it('allows listed ranges only', async () => {
    const env = { DIAL_PRIVATE: '192.168.0.0/16,fd00::/8' }
    assert.equal(await allows(env, LAN), true)
    assert.equal(await allows(env, '/ip6/fd00::1/tcp/1'), true)
    assert.equal(await allows(env, '/ip4/10.0.0.1/tcp/1'), false)
    assert.equal(await allows(env, '/ip6/fe80::1/tcp/1'), false)
  })

  it('allows a host that is named in BOOTSTRAP', async () => {
    const env = { BOOTSTRAP: '/ip4/10.0.0.1/tcp/3000' }
    assert.equal(await allows(env, '/ip4/10.0.0.1/tcp/3000'), true)
    assert.equal(await allows(env, '/ip4/10.0.0.2/tcp/3000'), false)
  })

  it('keeps a peer from ever trying the address', async () => {
    const network = new MemoryNetwork()
    await using peer = await startPeer(network, { address: '11.0.0.1' })
    const tried: string[] = []
    peer.dials.onDial(({ address }) => tried.push(address))
    await assert.rejects(peer.libp2p.dial(multiaddr('/ip4/10.0.0.9/tcp/3000')), {
      name: 'DialDeniedError',
    })
    assert.deepEqual(tried, [])
  })
})
