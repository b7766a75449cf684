import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FabricError } from '#orchestrator/fabric/errors.ts'
import { blockRuleset, marksOf } from '#orchestrator/fabric/nft-blocks.ts'
import type { Block } from '#orchestrator/net/block.ts'

const block = (from: string, to: string, change: Partial<Block> = {}): Block => ({
  from,
  to,
  by: 'drop',
  port: null,
  ...change,
})

function many(count: number): Block[] {
  return Array.from({ length: count }, (_, index) => block(`n-${index}`, 'A'))
}

describe('the rules by which a kernel blocks', () => {
  it('mark what a sender sends, and refuse that mark at the receiver', () => {
    const blocks = [block('B', 'A'), block('C', 'A', { by: 'reset' })]
    assert.match(blockRuleset('B', blocks), /hook output priority mangle; ip dscp set 1;/)
    assert.match(blockRuleset('C', blocks), /ip dscp set 2;/)
    const atA = blockRuleset('A', blocks)
    assert.doesNotMatch(atA, /dscp set/)
    assert.match(atA, /ip dscp 1 meta l4proto \{ tcp, udp \} drop;/)
    assert.match(atA, /ip dscp 2 meta l4proto tcp reject with tcp reset;/)
  })

  it('take back everything where nothing is blocked', () => {
    assert.equal(blockRuleset('A', []), 'table ip kadlab_blocks\ndelete table ip kadlab_blocks\n')
  })

  it('name a port on both sides', () => {
    const rules = blockRuleset('A', [block('B', 'A', { port: { protocol: 'udp', port: 4001 } })])
    assert.match(rules, /udp sport 4001 drop;/)
    assert.match(rules, /udp dport 4001 drop;/)
  })

  it('end at the number of marks', () => {
    assert.equal(marksOf(many(63)).size, 63)
    assert.throws(() => marksOf(many(64)), FabricError)
  })
})
