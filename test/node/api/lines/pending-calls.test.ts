import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PendingCalls } from '#node/api/lines/pending-calls.ts'

describe('PendingCalls', () => {
  it('gives each call a number of its own, and its own answer, in any order', async () => {
    const calls = new PendingCalls<string, string>()
    const sent: number[] = []
    const [first, second] = ['a', 'b'].map((note) => calls.make(note, (id) => sent.push(id)))
    const [one = 0, two = 0] = sent
    assert.notEqual(one, two)
    calls.get(two)?.resolve(`${calls.get(two)?.note} answered`)
    calls.get(one)?.reject(new Error('no'))
    assert.equal(await second, 'b answered')
    await assert.rejects(first ?? Promise.resolve(), { message: 'no' })
    assert.equal(calls.get(one), undefined)
  })

  it('gives a call up when its signal aborts, and says which', async () => {
    const calls = new PendingCalls<null, string>()
    const controller = new AbortController()
    const givenUp: number[] = []
    const call = calls.make(
      null,
      () => {},
      { signal: controller.signal },
      (id) => givenUp.push(id),
    )
    controller.abort()
    await assert.rejects(call, { name: 'AbortError' })
    assert.deepEqual(givenUp, [1])
    assert.equal(calls.get(1), undefined)
    await assert.rejects(
      calls.make(null, () => assert.fail('sent'), { signal: controller.signal }),
      { name: 'AbortError' },
    )
  })

  it('forgets a call that could not be sent', async () => {
    const calls = new PendingCalls<null, string>()
    const broken = calls.make(null, () => {
      throw new Error('no way out')
    })
    await assert.rejects(broken, { message: 'no way out' })
    assert.equal(calls.get(1), undefined)
  })

  it('ends all calls, and later ones, with the first reason', async () => {
    const calls = new PendingCalls<null, string>()
    const call = calls.make(null, () => {})
    calls.end(new Error('gone'))
    calls.end(new Error('gone again'))
    await assert.rejects(call, { message: 'gone' })
    await assert.rejects(
      calls.make(null, () => assert.fail('sent')),
      { message: 'gone' },
    )
  })
})
