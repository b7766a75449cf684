import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { ITEM_LIMITS } from '#node/config/item-limits.ts'
import { providerCid } from '#node/store/providers.ts'
import { createLoopbackPeer, type LoopbackPeer } from '#test/node/store/loopback-peer.ts'

/** Resolves when the peer has worked off its next message of a type. */
function handled({ kad }: LoopbackPeer, type: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const original = kad.rpc.handlers[type]
  assert.ok(original)
  kad.rpc.handlers[type] = {
    handle: async (from, message) => {
      const answer = await original.handle(from, message)
      resolve()
      return answer
    },
  }
  return promise
}

describe('providers', () => {
  it('are kept under the multihash of the SHA-256 of the text of the key', async () => {
    const cid = await providerCid('schlüssel', ITEM_LIMITS)
    const hash = createHash('sha256').update('schlüssel').digest()
    assert.equal(cid.version, 1)
    assert.equal(cid.code, 0x55)
    assert.deepEqual(
      Buffer.from(cid.multihash.bytes),
      Buffer.concat([Buffer.from([0x12, 0x20]), hash]),
    )
    await assert.rejects(providerCid('', ITEM_LIMITS), { name: 'InvalidKeyError' })
  })

  it('are found by another peer, and by themselves', async () => {
    await using a = await createLoopbackPeer(1)
    await using b = await createLoopbackPeer(2)
    await using c = await createLoopbackPeer(3)
    await b.meet(a)
    await c.meet(a)
    await c.meet(b)
    // Nobody answers ADD_PROVIDER: what is told is not yet noted.
    const noted = Promise.all([a, c].map((peer) => handled(peer, 'ADD_PROVIDER')))
    assert.deepEqual(await b.providers.provide('x'), { told: 2 })
    await noted
    assert.deepEqual(await c.providers.providers('x'), [b.peerId.toString()])
    assert.deepEqual(await b.providers.providers('x'), [b.peerId.toString()])
    assert.deepEqual(await c.providers.providers('nothing'), [])
  })

  it('are not waited for where nobody is listed', async () => {
    await using a = await createLoopbackPeer(1)
    assert.deepEqual(await a.providers.providers('x'), [])
    assert.deepEqual(await a.providers.provide('x'), { told: 0 })
    assert.deepEqual(await a.providers.providers('x'), [a.peerId.toString()])
  })
})
