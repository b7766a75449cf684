import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rung } from '#node/judgement/ladder.ts'
import type { Cell, DiscoveryView } from '#node/view/cell.ts'
import { matrixLines } from '#node/view/matrix.ts'
import { createStyle } from '#node/view/style.ts'

const plain = createStyle(false)
const NOTHING = {
  connected: true,
  listed: null,
  dialable: null,
  cause: null,
  evidence: null,
  remedy: null,
}
const cell = (observer: string, target: string, rung: Rung): Cell => ({
  observer,
  target,
  rung,
  ...NOTHING,
})
const view = (names: string[], ...cells: Cell[]): DiscoveryView => ({
  cells,
  observers: names,
  targets: names,
})

describe('the observer × target matrix', () => {
  it('has a word for each pair, a dot for oneself, a question mark for what nobody said', () => {
    const cells = [cell('A', 'B', 'listed'), cell('B', 'A', 'dialable')]
    assert.deepEqual(matrixLines(view(['A', 'B', 'C'], ...cells), 80, plain), [
      'observer ╲ target  A           B         C',
      'A                  ·           ◐ listed  ?',
      'B                  ● dialable  ·         ?',
      'C                  ?           ?         ·',
    ])
  })

  it('has numbers where words do not fit, and says what they mean', () => {
    const lines = matrixLines(view(['A', 'B'], cell('A', 'B', 'listed')), 28, plain)
    assert.deepEqual(lines, [
      'observer ╲ target  A  B',
      'A                  ·  5',
      'B                  ?  ·',
      '0 unknown, 1 connected, 2 identified, 3 speaks-kademlia, 4 addressable, 5 listed, 6 dialable',
    ])
  })

  it('is a list where one observer has more targets than fit', () => {
    const targets = Array.from({ length: 30 }, (_, index) => `peer-${index}`)
    const cells = targets.map((target) => cell('A', target, 'listed'))
    const lines = matrixLines({ cells, observers: ['A'], targets: ['A', ...targets] }, 80, plain)
    assert.equal(lines.length, 31)
    assert.deepEqual(lines.slice(0, 2), ['target at A', 'peer-0       ◐ listed'])
  })

  it('shows how far each is by its colour', () => {
    const colored = createStyle(true)
    const lines = matrixLines(view(['A', 'B'], cell('A', 'B', 'dialable')), 80, colored)
    assert.ok(lines[1]?.includes(colored('green', '● dialable')))
  })
})
