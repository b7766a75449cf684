import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { implementationOf, WORDS } from '#node/judgement/implementation.ts'

describe('implementationOf', () => {
  it('tells implementations by their agent strings', () => {
    assert.equal(implementationOf('kadlab/0.1.0'), 'kadlab')
    assert.equal(implementationOf('rust-libp2p/0.57.1'), 'rust')
    assert.equal(implementationOf('github.com/libp2p/go-libp2p@v0.51.0'), 'go')
    assert.equal(implementationOf('js-libp2p/3.3.11 node/24.21.0'), 'js')
    assert.equal(implementationOf('lighthouse/v5'), 'unknown')
    assert.equal(implementationOf(null), 'unknown')
  })

  it('has settings to paste for kadlab and code for the others', () => {
    for (const [name, words] of Object.entries(WORDS)) {
      const said = words.announce('/ip4/11.0.0.12/tcp/3000', '11.0.0.12')
      assert.match(said, /11\.0\.0\.12/)
      assert.equal(/^[A-Z_]+=\S+$/.test(said), words.variables, name)
      assert.match(words.protocol('/x/kad/1.0.0'), /\/x\/kad\/1\.0\.0/)
    }
  })
})
