import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assert as check, integer, property, string, uniqueArray } from 'fast-check'
import { smallestAfter } from '#node/store/smallest.ts'

const matches = (text: string): boolean => !text.includes('a')

describe('the smallest of some texts', () => {
  it('are those of all of them in order', () => {
    check(
      property(
        uniqueArray(string({ maxLength: 3 })),
        string({ maxLength: 2 }),
        integer({ min: 1, max: 5 }),
        (texts, after, count) => {
          const expected = texts.filter((text) => text > after && matches(text)).toSorted()
          const found = smallestAfter(texts, { after, count, matches })
          assert.deepEqual(found, expected.slice(0, count))
        },
      ),
    )
  })

  it('are found with a closer look at few of the others', () => {
    const texts = Array.from({ length: 10_000 }, (_, index) => `${(index * 7919) % 10_000}`)
    let looked = 0
    const looking = (): boolean => (looked += 1) > 0
    smallestAfter(texts, { after: '', count: 10, matches: looking })
    assert.ok(looked < 200, `${looked}`)
  })
})
