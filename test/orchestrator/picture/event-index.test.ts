import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeEventBody } from '#node/events/node-event.ts'
import { countBefore, EventIndex } from '#orchestrator/picture/event-index.ts'
import type { RunEvent } from '#orchestrator/run/events.ts'

function said(variant: string | null, node: string, body: NodeEventBody): RunEvent {
  return { type: 'node-event', variant, node, event: { ...body, seq: 1, ms: 0 }, atMs: 7 }
}

const EVENTS: readonly RunEvent[] = [
  { type: 'variant-start', variant: 'bug', title: '', atMs: 0 },
  said('bug', 'A', { event: 'start', peer: 'idOfA', agent: 'x' }),
  { type: 'progress', variant: null, text: 'works', atMs: 1 },
  said('bug', 'A', { event: 'closed', peer: 'idOfB' }),
  said('bug', 'B', { event: 'ready' }),
  { type: 'variant-start', variant: 'fixed', title: '', atMs: 2 },
  said(null, 'A', { event: 'closed', peer: 'idOfB' }),
]

function at(list: readonly { index: number }[]): number[] {
  return list.map((each) => each.index)
}

describe('the index of what nodes said', () => {
  const index = new EventIndex()
  for (const event of EVENTS) index.push(event)

  it('has the events of a variant, of a node and of a peer, and where they stand among all', () => {
    assert.deepEqual(at(index.ofVariant('bug')), [1, 3, 4])
    assert.deepEqual(at(index.ofNode('bug', 'A')), [1, 3])
    assert.deepEqual(at(index.ofPeer('bug', 'A', 'idOfB')), [3])
  })

  it('takes no start for a word of a peer', () => {
    assert.deepEqual(index.ofPeer('bug', 'A', 'idOfA'), [])
  })

  it('gives what a lab says after its last variant to that one', () => {
    assert.deepEqual(
      index.ofVariant('fixed').map((each) => each.index),
      [6],
    )
  })

  it('is empty for whom it does not know, whatever the name', () => {
    assert.deepEqual(index.ofVariant('constructor'), [])
    assert.deepEqual(index.ofNode('bug', '__proto__'), [])
  })

  it('counts how many of a list had come', () => {
    const list = index.ofVariant('bug')
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 99].map((count) => countBefore(list, count)),
      [0, 0, 1, 1, 2, 3, 3],
    )
  })
})
