import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { collectStartGarbage } from '#node/start-garbage.ts'

/** Something that only a collection of the old generation frees. */
function makeGarbage(): WeakRef<object> {
  return new WeakRef({ text: Array.from({ length: 1000 }, (_, index) => String(index)) })
}

describe('the garbage of a start', () => {
  it('is collected without waiting for room to be needed', { timeout: 20_000 }, async () => {
    const collected = Promise.withResolvers<void>()
    const registry = new FinalizationRegistry(() => collected.resolve())
    ;((): void => registry.register(makeGarbage(), 'collected'))()
    using _collection = collectStartGarbage()
    // The collection's own timer holds no process up; this test's does.
    const held = setInterval(() => {}, 1000)
    try {
      await collected.promise
    } finally {
      clearInterval(held)
    }
  })

  it('is left alone where the node ends before', () => {
    const before = process.getActiveResourcesInfo().length
    collectStartGarbage()[Symbol.dispose]()
    assert.equal(process.getActiveResourcesInfo().length, before)
  })
})
