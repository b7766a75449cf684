import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NodeEvent, NodeEventBody } from '#node/events/node-event.ts'
import { createLives } from '#orchestrator/run/lives.ts'

const idOf = (node: string): string => `peer-${node}`
const stamped = (event: NodeEventBody): NodeEvent => ({ ...event, seq: 1, ms: 1 })
const IDENTIFIED = { agent: null, addresses: [], protocols: [], observed: null }
const identifies = (node: string): NodeEvent =>
  stamped({ event: 'identified', peer: idOf(node), ...IDENTIFIED })
const connects = (node: string): NodeEvent =>
  stamped({ event: 'connected', peer: idOf(node), direction: 'inbound', address: '' })
const closes = (node: string): NodeEvent => stamped({ event: 'closed', peer: idOf(node) })
const dialsBack = (node: string, ok: boolean): NodeEvent =>
  stamped({ event: 'dialled-back', peer: idOf(node), address: '', ok, kind: null })

describe('the lives of nodes', () => {
  it('know nothing of a former life of a node that was started once', () => {
    const lives = createLives(idOf)
    lives.begins('A')
    lives.begins('B')
    assert.equal(lives.knowsOnlyFormer('B', 'A'), false)
  })

  it('forget with a new life of the target what the observer had met', () => {
    const lives = createLives(idOf)
    for (const node of ['A', 'B', 'C']) lives.begins(node)
    lives.onEvent('B', connects('A'))
    lives.begins('A')
    assert.equal(lives.knowsOnlyFormer('B', 'A'), true)
    lives.onEvent('C', connects('A'))
    assert.equal(lives.knowsOnlyFormer('B', 'A'), true, 'what C met B did not')
    lives.onEvent('B', connects('A'))
    assert.equal(lives.knowsOnlyFormer('B', 'A'), false)
  })

  it('forget with a new life of the observer whom it had met', () => {
    const lives = createLives(idOf)
    for (const node of ['A', 'A', 'B']) lives.begins(node)
    lives.onEvent('B', connects('A'))
    lives.begins('B')
    assert.equal(lives.knowsOnlyFormer('B', 'A'), true)
  })

  it('take nothing for a meeting that needs nobody to be there', () => {
    const lives = createLives(idOf)
    for (const node of ['B', 'A', 'A']) lives.begins(node)
    lives.onEvent('B', closes('A'))
    lives.onEvent('B', stamped({ event: 'listed', peer: idOf('A'), addresses: [] }))
    lives.onEvent('B', dialsBack('A', false))
    assert.equal(lives.knowsOnlyFormer('B', 'A'), true)
    lives.onEvent('B', dialsBack('A', true))
    assert.equal(lives.knowsOnlyFormer('B', 'A'), false)
  })

  it('hold an identify for a meeting only on a connection, and until that closes', () => {
    const lives = createLives(idOf)
    for (const node of ['B', 'A']) lives.begins(node)
    lives.onEvent('B', connects('A'))
    lives.begins('A')
    lives.onEvent('B', identifies('A'))
    assert.equal(lives.knowsOnlyFormer('B', 'A'), false)
    lives.onEvent('B', closes('A'))
    assert.equal(lives.knowsOnlyFormer('B', 'A'), true)
    lives.onEvent('B', identifies('A'))
    assert.equal(lives.knowsOnlyFormer('B', 'A'), true, 'it was read late')
    lives.onEvent('B', connects('A'))
    lives.onEvent('B', identifies('A'))
    lives.onEvent('B', closes('A'))
    assert.equal(lives.knowsOnlyFormer('B', 'A'), false, 'who was met and left was met')
  })
})
