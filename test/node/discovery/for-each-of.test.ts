import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { forEachOf } from '#node/discovery/for-each-of.ts'

describe('forEachOf', () => {
  it('acts on every item, on no more than the limit at once', async () => {
    const done: number[] = []
    let running = 0
    let most = 0
    await forEachOf([1, 2, 3, 4, 5], 2, async (item) => {
      running += 1
      most = Math.max(most, running)
      await new Promise(setImmediate)
      running -= 1
      done.push(item)
    })
    assert.deepEqual(
      done.toSorted((a, b) => a - b),
      [1, 2, 3, 4, 5],
    )
    assert.equal(most, 2)
  })

  it('begins nothing after an error, which it throws', async () => {
    const begun: number[] = []
    const acting = forEachOf([1, 2, 3], 1, async (item) => {
      begun.push(item)
      if (item === 2) throw new Error('two')
    })
    await assert.rejects(acting, /two/)
    assert.deepEqual(begun, [1, 2])
  })

  it('does nothing with nothing', async () => {
    await forEachOf([], 3, async () => assert.fail('there is no item'))
  })
})
