import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HEALED_WITHIN_MS, recoverySeed } from '../../../scripts/soak/recovery.ts'

describe('a crowd, once faults have ended', () => {
  for (const seed of [1, 2]) {
    it(`lists everybody who can be listed within 30 s, after the faults of seed ${seed}`, async () => {
      const { missing, healedMs, faults } = await recoverySeed(seed, { nodes: 12 })
      assert.deepEqual(missing, [])
      assert.ok(healedMs !== null && healedMs <= HEALED_WITHIN_MS)
      assert.ok(faults > 5)
    })
  }

  it('is seen not to have healed where one of it never comes', async () => {
    const { missing, healedMs } = await recoverySeed(3, { nodes: 6, canary: 'lost' })
    assert.equal(healedMs, null)
    assert.ok(missing.length > 0 && missing.every((pair) => pair.endsWith(' -> server-2')))
  })
})
