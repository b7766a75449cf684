import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tcpMultiaddrs } from '#node/config/values.ts'

const CID = 'bafzaajaiaejcbuckwizhik5uvm5bg2f5iyk6jzwqejflogqbnoxykifdglexpbzx'
const PEER = '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz'

describe('multiaddrs in variables', () => {
  it('tell a peer id as libp2p prints it, in whatever spelling it came', () => {
    for (const spelled of [CID, PEER]) {
      assert.deepEqual(tcpMultiaddrs.parse(`/ip4/11.0.0.11/tcp/3000/p2p/${spelled}`), [
        `/ip4/11.0.0.11/tcp/3000/p2p/${PEER}`,
      ])
    }
  })
})
