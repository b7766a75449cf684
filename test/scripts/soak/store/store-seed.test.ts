import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FAULTS } from '../../../../scripts/soak/store/faults.ts'
import type { StoreCanary } from '../../../../scripts/soak/store/planted.ts'
import { storeSeed } from '../../../../scripts/soak/store/store-seed.ts'

const SEEDS = 200
const TOGETHER = 20

describe('a soak of the store', () => {
  const happened = new Map<string, number>()

  for (let from = 1; from <= SEEDS; from += TOGETHER) {
    const last = from + TOGETHER - 1
    it(`keeps what the store promises through the faults of seeds ${from} to ${last}`, async () => {
      for (let seed = from; seed <= last; seed += 1) {
        const outcome = await storeSeed(seed)
        const again = `npm run soak -- --from ${seed} --seeds 1`
        assert.deepEqual(outcome.faults, [], again)
        for (const [fault, count] of outcome.happened) {
          happened.set(fault, (happened.get(fault) ?? 0) + count)
        }
      }
    })
  }

  // Each found a fault of the store once: a clock that went back over a newer copy, reads of one key side by side.
  for (const seed of [327, 538, 1001]) {
    it(`keeps what it promises where it did not before: seed ${seed}`, async () => {
      assert.deepEqual((await storeSeed(seed)).faults, [])
    })
  }

  it('had every kind of fault more than ten times', () => {
    for (const fault of [...FAULTS, 'leave-one-by-one', 'turn-over']) {
      assert.ok((happened.get(fault) ?? 0) > 10, `${fault}: ${happened.get(fault) ?? 0}`)
    }
  })

  it('is the same each time', async () => {
    assert.deepEqual(await storeSeed(5), await storeSeed(5))
  })

  const canaries: [StoreCanary, RegExp][] = [
    ['lost-write', /which was acknowledged, is lost/],
    ['goes-back', /saw \S+ of a, then the older/],
    ['undeleted', /reads \S+ under a: older than \S+, which was acknowledged/],
    ['never-written', /read nobody wrote it under a: never written/],
  ]
  for (const [canary, told] of canaries) {
    it(`notices a planted fault: ${canary}`, async () => {
      const { faults } = await storeSeed(1, { canary, steps: 10 })
      assert.match(faults.join('\n'), told)
    })
  }
})
