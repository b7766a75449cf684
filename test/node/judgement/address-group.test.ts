import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { addressGroup } from '#node/judgement/address-group.ts'

describe('the group of an address', () => {
  const cases: [string, ReturnType<typeof addressGroup>][] = [
    ['/ip4/11.0.3.7/tcp/3000', { host: '11.0.3.7', network: '11.0.3.0/24' }],
    ['/ip6/2a00:1::1/tcp/3000', { host: '2a00:1::1', network: '2a00:1:0:0::/64' }],
    ['/ip6/2a00:1:2:3:4:5:6:7/tcp/1', { host: '2a00:1:2:3:4:5:6:7', network: '2a00:1:2:3::/64' }],
    ['/dns4/a.example/tcp/3000', null],
  ]
  for (const [address, expected] of cases) {
    it(`of ${address}`, () => assert.deepEqual(addressGroup(multiaddr(address)), expected))
  }
})
