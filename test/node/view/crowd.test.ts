import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cell } from '#node/view/cell.ts'
import { crowdLines, standings } from '#node/view/crowd.ts'
import { createStyle } from '#node/view/style.ts'

const cell = (observer: string, target: string, change: Partial<Cell> = {}): Cell => ({
  observer,
  target,
  rung: 'dialable',
  connected: true,
  listed: true,
  dialable: true,
  cause: null,
  evidence: null,
  remedy: null,
  ...change,
})

const timedOut: Partial<Cell> = { rung: 'listed', cause: 'ADDRESS_TIMED_OUT', dialable: false }
const hidden: Partial<Cell> = { rung: 'speaks-kademlia', cause: 'ONLY_PRIVATE_ADDRESSES' }

/** Nine nodes of which every one sees every other, with what some see instead. */
function nine(...others: Cell[]): Cell[] {
  const names = Array.from({ length: 9 }, (_, index) => `n-${index + 1}`)
  const all = names.flatMap((one) =>
    names.filter((other) => other !== one).map((other) => cell(one, other)),
  )
  return all.map(
    (each) =>
      others.find((other) => other.observer === each.observer && other.target === each.target) ??
      each,
  )
}

const text = (cells: Cell[], unmet = 0): string =>
  crowdLines(cells, unmet, 80, createStyle(false)).join('\n')

describe('many nodes in short', () => {
  it('are counted by how they stand, the best first', () => {
    const cells = nine(cell('n-1', 'n-2', timedOut), cell('n-1', 'n-3', hidden))
    assert.match(
      text(cells, 10),
      /^82 pairs, by how they stand\n70 {2}● dialable\n 1 {2}◐ listed {11}ADDRESS_TIMED_OUT\n 1 {2}○ speaks-kademlia {2}ONLY_PRIVATE_ADDRESSES\n/,
    )
    assert.deepEqual(
      standings(cells).map(({ cells }) => cells.length),
      [1, 1, 70],
    )
  })

  it('show each cause once, the rare ones first, with its first pair and how many there are', () => {
    const common = ['n-2', 'n-3', 'n-4', 'n-5', 'n-6'].map((target) => cell('n-1', target, hidden))
    const seen = text(nine(...common, cell('n-9', 'n-8', timedOut)))
    const paragraphs = [...seen.matchAll(/^(n-\d at n-\d): /gm)].map(([, pair]) => pair)
    assert.deepEqual(paragraphs, ['n-8 at n-9', 'n-2 at n-1'])
    assert.match(seen, /\n {2}likewise n-3 at n-1, n-4 at n-1, n-5 at n-1 and 1 more$/)
  })

  it('name whom the fewest list', () => {
    const lost = ['n-1', 'n-2', 'n-3', 'n-4'].map((observer) => cell(observer, 'n-9', hidden))
    const seen = text(nine(...lost, cell('n-1', 'n-8', hidden)))
    assert.match(seen, /\nnot listed: n-9 by 4 of 8, n-8 by 1 of 8\n/)
  })

  it('name nobody where all miss as many, or none does', () => {
    assert.doesNotMatch(text(nine()), /not listed/)
    const names = ['n-1', 'n-2', 'n-3']
    const all = names.flatMap((one) =>
      names.filter((other) => other !== one).map((other) => cell(one, other, hidden)),
    )
    assert.doesNotMatch(text(all), /not listed/)
  })

  it('are not shouted about where they are as they were meant to be', () => {
    const meant = text(nine(cell('n-1', 'n-2', { ...hidden, meant: 'expected' })))
    assert.match(meant, /◌ speaks-kademlia {2}ONLY_PRIVATE_ADDRESSES, expected/)
    assert.doesNotMatch(meant, /n-2 at n-1|not listed/)
  })
})
