import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { implementationOf } from '#node/judgement/implementation.ts'

describe('implementationOf', () => {
  it('tells implementations by their agent strings', () => {
    assert.equal(implementationOf('kadlab/0.1.0'), 'kadlab')
    assert.equal(implementationOf('rust-libp2p/0.57.1'), 'rust')
    assert.equal(implementationOf('github.com/libp2p/go-libp2p@v0.51.0'), 'go')
    assert.equal(implementationOf('js-libp2p/3.3.11 node/24.21.0'), 'js')
    assert.equal(implementationOf('kubo/0.43.1'), 'kubo')
    assert.equal(implementationOf('py-libp2p/0.8.1'), 'py')
    assert.equal(implementationOf('litep2p/1.0.0'), 'litep2p')
    assert.equal(implementationOf('helia/7.1.15 js-libp2p/3.3.11 node/24.21.0'), 'js')
    assert.equal(implementationOf('lighthouse/v5'), 'unknown')
    assert.equal(implementationOf(null), 'unknown')
  })

  it('knows a go program by the path of its module, which it sends by default', () => {
    for (const agent of [
      'example.org/me/app@',
      'github.com/somebody/store@v0.3.1',
      'app@(devel)',
      'example.org/me/app@1a2b3c4d',
    ]) {
      assert.equal(implementationOf(agent), 'go', agent)
    }
    assert.equal(implementationOf('mail@example.org'), 'unknown')
  })
})
