import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeEvent } from '#node/events/node-event.ts'
import { createDoubts } from '#orchestrator/run/doubts.ts'

const connects = (peer: string): NodeEvent => ({
  event: 'connected',
  peer,
  direction: 'inbound',
  address: '',
  seq: 1,
  ms: 0,
})
const doubtsOf = () => createDoubts(['A', 'B', 'C'], (peerId) => peerId.replace('id-', ''))

describe('doubts about connections', () => {
  it('concern whoever is behind a router that forgot, from both sides', () => {
    const doubts = doubtsOf()
    assert.equal(doubts.has('A', 'B'), false)
    doubts.about(['A'])
    assert.equal(doubts.has('A', 'B') && doubts.has('B', 'A') && doubts.has('C', 'A'), true)
    assert.equal(doubts.has('B', 'C'), false)
  })

  it('concern two between whom packets were dropped', () => {
    const doubts = doubtsOf()
    doubts.between('A', 'B')
    assert.equal(doubts.has('A', 'B') && doubts.has('B', 'A'), true)
    assert.equal(doubts.has('A', 'C'), false)
  })

  it('end at one side with a connection that is made, or with an answer', () => {
    const doubts = doubtsOf()
    doubts.about(['A'])
    doubts.onEvent('A', connects('id-B'))
    assert.equal(doubts.has('A', 'B'), false)
    assert.equal(doubts.has('B', 'A'), true)
    doubts.settle('B', 'A')
    assert.equal(doubts.has('B', 'A'), false)
  })

  it('concern dial-backs, until an observer has reached the target anew', () => {
    const doubts = doubtsOf()
    assert.equal(doubts.hasOldDials('C', 'A'), false)
    doubts.about(['A'])
    assert.equal(doubts.hasOldDials('C', 'A'), true)
    assert.equal(doubts.hasOldDials('C', 'B'), false)
    doubts.onEvent('C', connects('id-A'))
    assert.equal(doubts.hasOldDials('C', 'A'), true, 'a connection is no dial-back')
    doubts.reached('C', 'A')
    assert.equal(doubts.hasOldDials('C', 'A'), false)
    assert.equal(doubts.hasOldDials('A', 'C'), true)
  })
})
