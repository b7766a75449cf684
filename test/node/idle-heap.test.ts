import { equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHeapKeeper, keepHeap } from '#node/idle-heap.ts'

const MB = 2 ** 20

/** A heap of which so much stays in use, and what was thrown away since. */
function fakeHeap() {
  const heap = { inUse: 20 * MB, garbage: 0, collections: 0 }
  const look = createHeapKeeper({
    heapUsed: () => heap.inUse + heap.garbage,
    collect: () => {
      heap.collections += 1
      heap.garbage = 0
    },
  })
  return { heap, look }
}

describe('a heap', () => {
  it('is collected once it has grown, and left alone before', () => {
    const { heap, look } = fakeHeap()
    look()
    equal(heap.collections, 1, 'the first look learns how small it can be')
    heap.garbage = 9 * MB
    look()
    equal(heap.collections, 1)
    heap.garbage = 11 * MB
    look()
    equal(heap.collections, 2)
  })

  it('is collected after a flood, though it was once in use', () => {
    const { heap, look } = fakeHeap()
    look()
    heap.inUse = 60 * MB
    look()
    heap.inUse = 20 * MB
    heap.garbage = 40 * MB
    for (let count = 0; count < 3; count += 1) look()
    equal(heap.garbage, 0)
  })

  it('that is really in use is collected ever more rarely', () => {
    const { heap, look } = fakeHeap()
    look()
    heap.inUse = 60 * MB
    for (let count = 0; count < 100; count += 1) look()
    equal(heap.collections < 12, true, `${heap.collections}`)
  })

  it('that is large is left to V8', () => {
    const { heap, look } = fakeHeap()
    heap.inUse = 200 * MB
    look()
    equal(heap.collections, 0)
  })

  it('keeps no process up', () => {
    const before = process.getActiveResourcesInfo().length
    keepHeap()[Symbol.dispose]()
    equal(process.getActiveResourcesInfo().length, before)
  })
})
