import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HeldRecords } from '#node/store/held-records.ts'

const one = (bytes: number, receivedMs = 0) => ({ bytes, receivedMs })

/** Names that are held, oldest first, with how many and how large they are. */
function books(held: HeldRecords): [string, number, number] {
  return [[...held.oldest()].map(([name]) => name).join(''), held.count, held.bytes]
}

function holding(names: string): HeldRecords {
  const held = new HeldRecords(new Uint8Array(32))
  for (const name of names) held.written(held.note(name, one(10)))
  return held
}

describe('the books of what is held', () => {
  it('begin with many at once as they would with one after the other', () => {
    const names = Array.from({ length: 200 }, (_, index) => `record ${(index * 7) % 200}`)
    const single = new HeldRecords(new Uint8Array(32))
    for (const name of names) single.written(single.note(name, one(name.length)))
    const many = new HeldRecords(new Uint8Array(32))
    many.begin([...names, ...names].map((name) => [name, one(name.length)]))
    for (const held of [single, many]) {
      held.leave('record 3')
      held.left('record 3')
      held.written(held.note('record 200', one(5)))
    }
    assert.deepEqual(books(many), books(single))
    for (const name of names) {
      assert.deepEqual([...many.farther(name)], [...single.farther(name)])
    }
  })

  it('take what is written again for the newest, and count it once', () => {
    const held = holding('abc')
    const noted = held.note('a', one(15))
    assert.deepEqual(books(held), ['abc', 3, 35])
    held.written(noted)
    assert.deepEqual(books(held), ['bca', 3, 35])
  })

  it('are as before where something is taken back', () => {
    const held = holding('abc')
    held.takeBack(held.note('b', one(90, 5)))
    held.takeBack(held.note('d', one(90, 5)))
    assert.deepEqual(books(held), ['abc', 3, 30])
    assert.deepEqual(held.get('b'), one(10))
  })

  it('are as before where several writes of one name are taken back, in any order', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const held = holding('ab')
      const noted = [held.note('c', one(20)), held.note('c', one(30))]
      for (const index of order) held.takeBack(noted[index] ?? assert.fail())
      assert.deepEqual(books(held), ['ab', 2, 20])
    }
  })

  it('count nothing that leaves, and put back in its place what stays', () => {
    const held = holding('abc')
    for (const name of 'ab') held.leave(name)
    assert.deepEqual(books(held), ['c', 1, 10])
    assert.deepEqual([...held.farther('zz')].includes('a'), false)
    held.left('b')
    held.stay('a')
    held.stay('b')
    assert.deepEqual(books(held), ['ac', 2, 20])
  })

  it('hold what comes in the place of something that leaves', () => {
    const held = holding('ab')
    held.leave('a')
    const noted = held.note('a', one(7))
    held.left('a')
    held.written(noted)
    assert.deepEqual(books(held), ['ba', 2, 17])
  })
})
