import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { farthestFirst } from '../../../../scripts/bench/kv/farthest.ts'

/** The identities of the seeds 0x11 and 0x22, and one more. */
const PEERS = [
  '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz',
  '12D3KooWLdJAwPtyQ5RFnr9wGXsQzpf3P2SeqFbYkqbfVehLu4Ns',
  '12D3KooWGRUp3Qgmj3ULVrRdRn6VLGcPDiCXWJKJQXVmvHEbwc9Q',
]

describe('the farthest peer', () => {
  it('comes first: each peer once, and another order for another key', () => {
    const orders = new Set<string>()
    for (let count = 0; count < 30; count += 1) {
      const order = farthestFirst(`key ${count}`, PEERS)
      assert.deepEqual(
        order.toSorted((one, other) => one - other),
        [0, 1, 2],
      )
      orders.add(order.join())
    }
    assert.ok(orders.size > 1)
  })
})
