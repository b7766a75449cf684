import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeEventBody } from '#node/events/node-event.ts'
import { type EventMark, EVENT_MARKS, eventMark } from '#orchestrator/web/event-marks.ts'

function markOf(body: NodeEventBody): EventMark {
  return eventMark({ ...body, seq: 1, ms: 0 })
}

describe('the marks of events', () => {
  it('are told apart without colours', () => {
    const drawn = EVENT_MARKS.map(({ shape, isFilled }) => `${shape} ${isFilled}`)
    assert.equal(new Set(drawn).size, EVENT_MARKS.length)
  })

  it('call a dial that failed a failure, whichever kind it was', () => {
    const address = '/ip4/11.0.0.11/tcp/3000'
    const back = { event: 'dialled-back', peer: 'x', address } as const
    assert.equal(markOf({ ...back, ok: false, kind: 'timed-out' }).says, 'failed')
    assert.equal(markOf({ event: 'denied', address, error: 'x' }).says, 'failed')
    assert.equal(markOf({ ...back, ok: true, kind: null }).says, 'reached on a fresh connection')
  })

  it('are all in the legend', () => {
    const marks = [
      markOf({ event: 'ready' }),
      markOf({ event: 'closed', peer: 'x' }),
      markOf({ event: 'unlisted', peer: 'x', why: 'gone' }),
      markOf({ event: 'stored', key: 'k', from: null }),
    ]
    for (const mark of marks) assert.ok(EVENT_MARKS.includes(mark), mark.says)
  })
})
