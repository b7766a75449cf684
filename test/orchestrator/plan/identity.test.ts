import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { deriveIdentity, peerIdOf } from '#orchestrator/plan/identity.ts'

describe('identities of a plan', () => {
  it('gives the peer ids that Rust, Go and JavaScript give for the same seeds', () => {
    assert.equal(peerIdOf('11'.repeat(32)), '12D3KooWPqT2nMDSiXUSx5D7fasaxhxKigVhcqfkKqrLghCq9jxz')
    assert.equal(peerIdOf('22'.repeat(32)), '12D3KooWLdJAwPtyQ5RFnr9wGXsQzpf3P2SeqFbYkqbfVehLu4Ns')
  })

  it('gives the peer id that js-libp2p derives from the seed in the environment', async () => {
    for (const seed of [1, 2, 77]) {
      const { identitySeed, peerId } = deriveIdentity(seed, 'A')
      const key = await generateKeyPairFromSeed('Ed25519', Buffer.from(identitySeed, 'hex'))
      assert.equal(peerId, peerIdFromPrivateKey(key).toString())
    }
  })

  it('depends on the seed and on the name, and on nothing else', () => {
    assert.deepEqual(deriveIdentity(1, 'A'), deriveIdentity(1, 'A'))
    assert.notEqual(deriveIdentity(1, 'A').peerId, deriveIdentity(2, 'A').peerId)
    assert.notEqual(deriveIdentity(1, 'A').peerId, deriveIdentity(1, 'B').peerId)
    // Were the two joined without a mark between them, these would be one.
    assert.notEqual(deriveIdentity(1, '1A').peerId, deriveIdentity(11, 'A').peerId)
  })

  it('refuses a seed that is not 32 bytes', () => {
    assert.throws(() => peerIdOf('11'), /64 hex digits/)
  })
})
