import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InTurn } from '#node/store/in-turn.ts'

describe('work in turn', () => {
  it('is done in order on one name, whatever became of what was before, and at once on another', async () => {
    const inTurn = new InTurn()
    const done: string[] = []
    const gate = Promise.withResolvers<void>()
    const first = inTurn.run('a', async () => {
      await gate.promise
      done.push('first')
      throw new Error('no')
    })
    const second = inTurn.run('a', async () => done.push('second'))
    await inTurn.run('b', async () => done.push('other'))
    gate.resolve()
    await assert.rejects(first, /no/)
    await second
    assert.deepEqual(done, ['other', 'first', 'second'])
  })
})
