import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Block, BlockWay } from '#orchestrator/net/block.ts'
import { createBlocks } from '#orchestrator/run/blocks.ts'

const block = (from: string, to: string, by: BlockWay = 'drop'): Block => ({
  from,
  to,
  by,
  port: null,
})

describe('what a variant blocks', () => {
  it('grows, and of one pair and way the last word stands', () => {
    const blocks = createBlocks(['A', 'B', 'C'])
    blocks.add([block('A', 'B'), block('B', 'A')])
    blocks.add([block('A', 'B', 'reset'), block('A', 'C')])
    assert.deepEqual(
      blocks.all.map(({ from, to, by }) => `${from}>${to} ${by}`),
      ['B>A drop', 'A>B reset', 'A>C drop'],
    )
    assert.ok(blocks.between('C', 'A') && !blocks.between('B', 'C'))
  })

  it('ends pair by pair, whoever is named first, or at once', () => {
    const blocks = createBlocks(['A', 'B', 'C'])
    blocks.add([block('A', 'B'), block('B', 'A'), block('C', 'A')])
    blocks.remove(['B', 'A'])
    assert.deepEqual(blocks.all, [block('C', 'A')])
    blocks.clear()
    assert.deepEqual(blocks.all, [])
  })

  it('of a cable that is pulled is all that crosses it, whatever is blocked and healed beside', () => {
    const blocks = createBlocks(['A', 'B', 'C'])
    blocks.add([block('A', 'B', 'reset')])
    blocks.cut(['A', 'C'])
    assert.deepEqual(
      blocks.all.map(({ from, to, by }) => `${from}>${to} ${by}`),
      ['A>B drop', 'B>A drop', 'C>B drop', 'B>C drop'],
    )
    assert.ok(blocks.between('B', 'C') && !blocks.between('A', 'C'))
    blocks.clear()
    assert.equal(blocks.all.length, 4)
    blocks.cut(['A'])
    blocks.plugIn(['A', 'C'])
    assert.ok(blocks.between('A', 'C') && !blocks.between('B', 'C'))
    blocks.plugIn(['A'])
    assert.deepEqual(blocks.all, [])
  })
})
