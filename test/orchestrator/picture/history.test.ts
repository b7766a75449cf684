import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { History, STRIDE } from '#orchestrator/picture/history.ts'
import { pictureOf, reduce } from '#orchestrator/picture/reduce.ts'
import { manyEvents } from '#test/support/many-events.ts'
import { simRun } from '#test/support/sim-run.ts'

await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-history-'))
const events = manyEvents((await simRun('nat-two-nodes', folder.path)).events, 10_000)

describe('ten thousand events', () => {
  let history: History
  /** How many events were taken in so far. */
  let taken = 0

  before(() => {
    history = new History((picture, event) => {
      taken += 1
      return reduce(picture, event)
    })
    for (const event of events) history.push(event)
  })

  /** How many events a look at something takes in. */
  function costOf(look: () => void): number {
    const start = taken
    look()
    return taken - start
  }

  it('are each taken in once as they come', () => {
    assert.equal(taken, events.length)
  })

  it('cost a jump to any moment no more than a stride of them', () => {
    for (let count = 0; count < events.length; count += 997) {
      assert.ok(costOf(() => history.after(count)) < STRIDE, String(count))
    }
  })

  it('are each taken in once more at most when the whole is played, however many there are in a frame', () => {
    for (const stride of [1, 7, 160]) {
      const cost = costOf(() => {
        for (let count = 0; count < events.length; count += stride) history.after(count)
      })
      assert.ok(cost <= events.length, String(cost))
    }
  })

  it('cost steps back and forth around a moment nothing', () => {
    history.after(5_200)
    const cost = costOf(() => {
      for (let count = 5_200; count >= 5_000; count--) history.after(count)
      for (let count = 5_000; count <= 5_200; count++) history.after(count)
    })
    assert.equal(cost, 0)
  })

  it('make at any moment what the reducer makes of those before it', () => {
    for (const count of [0, 1, 249, 250, 251, 5_001, 4_990, 10_000, events.length]) {
      assert.deepEqual(history.after(count), pictureOf(events.slice(0, count)))
    }
  })

  it('are the same where more came since a moment was looked at', () => {
    const growing = new History()
    for (const [at, event] of events.slice(0, 600).entries()) {
      growing.push(event)
      growing.after(at - 3)
    }
    for (const count of [480, 499, 500, 501, 599]) {
      assert.deepEqual(growing.after(count), pictureOf(events.slice(0, count)))
    }
  })

  it('stand in lists that are made once', () => {
    const { index } = history
    const [a, b] = history.newest.variants[0]?.nodes ?? []
    assert.ok(a !== undefined && b !== undefined)
    const lists = (): readonly unknown[] => [
      index.ofVariant('bug'),
      index.ofNode('bug', 'A'),
      index.ofPeer('bug', 'A', b.plan.peerId),
    ]
    const [first, again] = [lists(), lists()]
    for (const [at, list] of first.entries()) assert.equal(list, again[at])
    const said = events.filter((event) => event.type === 'node-event')
    assert.equal(index.ofVariant('bug').length, said.length)
    assert.equal(index.ofNode('bug', 'A').length, said.filter(({ node }) => node === 'A').length)
  })
})
