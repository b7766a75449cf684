import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { soakSeed } from '../../../scripts/soak/soak-seed.ts'

describe('a soak', () => {
  for (const seed of [1, 2, 3]) {
    it(`keeps what the store promises through the faults of seed ${seed}`, async () => {
      const outcome = await soakSeed(seed, { steps: 50 })
      assert.deepEqual(outcome.faults, [])
      assert.ok(outcome.acknowledged > 15 && outcome.reads > 15 && outcome.nodeFaults > 0)
    })
  }

  it('is the same each time', async () => {
    assert.deepEqual(await soakSeed(5, { steps: 10 }), await soakSeed(5, { steps: 10 }))
  })

  it('notices that all holders of acknowledged writes crash at once', async () => {
    const { faults } = await soakSeed(1, { steps: 20, canary: 'all-at-once' })
    assert.match(faults.join('\n'), /which was acknowledged, is lost/)
  })

  it('notices a reader whose versions go back', async () => {
    const { faults } = await soakSeed(1, { steps: 60, canary: 'stale-reader' })
    assert.match(faults.join('\n'), /then the older/)
  })
})
