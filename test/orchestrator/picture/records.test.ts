import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeEventBody } from '#node/events/node-event.ts'
import type { PlacedEvent } from '#orchestrator/picture/event-index.ts'
import { recordsOf } from '#orchestrator/picture/records.ts'

function said(bodies: readonly NodeEventBody[]): PlacedEvent[] {
  return bodies.map((body, at) => ({
    index: 10 + at,
    atMs: at,
    node: 'A',
    event: { ...body, seq: at + 1, ms: at },
  }))
}

describe('the records of a node', () => {
  it('are each once, the newest first, with who sent it and how often it came', () => {
    const events = said([
      { event: 'start', peer: 'idOfA', agent: 'x' },
      { event: 'stored', key: 'one', from: null },
      { event: 'stored', key: '__proto__', from: 'idOfB' },
      { event: 'stored', key: 'one', from: 'idOfC' },
      { event: 'ready' },
    ])
    assert.deepEqual(recordsOf(events), [
      { key: 'one', from: 'idOfC', atMs: 3, index: 13, times: 2 },
      { key: '__proto__', from: 'idOfB', atMs: 2, index: 12, times: 1 },
    ])
  })

  it('are not those of the process before', () => {
    const events = said([
      { event: 'stored', key: 'old', from: null },
      { event: 'start', peer: 'idOfA', agent: 'x' },
    ])
    assert.deepEqual(recordsOf(events), [])
    assert.deepEqual(recordsOf([]), [])
  })
})
