import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WORDS } from '#node/judgement/words.ts'

const ADDRESS = '/ip4/11.0.0.12/tcp/3000'

describe('the words of implementations', () => {
  for (const [name, words] of Object.entries(WORDS)) {
    it(`tell ${name} the address to announce, and sentences that have an end to come`, () => {
      assert.match(words.announce(ADDRESS, '11.0.0.12').text, /11\.0\.0\.12/)
      const settings = [
        words.announce(ADDRESS, null),
        words.announceAny,
        words.serverMode,
        words.protocol('/x/kad/1.0.0'),
        words.identifyPush,
        words.ping,
      ]
      for (const { paste, text } of settings) {
        assert.match(text, /^[A-Z].*[^.]$/)
        if (paste !== null) assert.ok(text.includes(paste), text)
      }
    })
  }

  it('are variables for kadlab alone', () => {
    for (const [name, words] of Object.entries(WORDS)) {
      const { paste } = words.announce(ADDRESS, '11.0.0.12')
      assert.equal(/^[A-Z_]+=\S+$/.test(paste ?? ''), name === 'kadlab')
    }
  })
})
