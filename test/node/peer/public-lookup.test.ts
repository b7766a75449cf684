import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { multiaddr } from '@multiformats/multiaddr'
import { silentLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { dialRules } from '#node/peer/address-scope.ts'
import { createPeer } from '#node/peer/peer.ts'
import { publicLookup } from '#node/peer/public-lookup.ts'

const PUBLIC = { address: '11.0.0.1', family: 4 }
const PRIVATE = { address: '10.0.0.1', family: 4 }
const UNIQUE_LOCAL = { address: 'fd00::1', family: 6 }

/** What a name leads to that the system resolves to these addresses. */
async function leadsTo(
  found: LookupAddress[],
  env: Record<string, string> = {},
): Promise<string[]> {
  const rules = dialRules(parseConfig(env))
  assert.ok(rules)
  const lookup = publicLookup(rules, (_name, _options, callback) => callback(null, found))
  const all = promisify((callback: (error: Error | null, left: LookupAddress[]) => void): void =>
    lookup('host.example', { all: true }, (error, left) =>
      callback(error, left as LookupAddress[]),
    ),
  )
  return (await all()).map(({ address }) => address)
}

describe('the lookup of a name that others announce', () => {
  it('leaves out private addresses, of both families', async () => {
    assert.deepEqual(await leadsTo([PRIVATE, UNIQUE_LOCAL, PUBLIC]), [PUBLIC.address])
  })

  it('fails where nothing else is left, and says what there was', async () => {
    await assert.rejects(leadsTo([PRIVATE, UNIQUE_LOCAL]), {
      name: 'PrivateHostError',
      message: /host\.example to lead to a public address, saw 10\.0\.0\.1, fd00::1/,
    })
  })

  it('takes ranges that are allowed, and names of BOOTSTRAP as they are', async () => {
    assert.deepEqual(await leadsTo([PRIVATE], { DIAL_PRIVATE: '10.0.0.0/8' }), [PRIVATE.address])
    const named = { BOOTSTRAP: '/dns4/host.example/tcp/3000' }
    assert.deepEqual(await leadsTo([PRIVATE], named), [PRIVATE.address])
  })

  it('keeps a node from dialling a name that leads to its own machine', async () => {
    const server = createServer((socket) => socket.destroy())
    let dialled = 0
    server.on('connection', () => (dialled += 1))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const config = parseConfig({ LISTEN: '/ip4/127.0.0.1/tcp/0' })
    await using peer = await createPeer(config, { log: silentLog })
    await peer.start()
    await assert.rejects(
      peer.libp2p.dial(multiaddr(`/dns4/localhost/tcp/${port}`)),
      /localhost to lead to a public address/,
    )
    assert.equal(dialled, 0)
    server.close()
  })
})
