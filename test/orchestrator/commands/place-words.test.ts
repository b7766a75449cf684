import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Place, placeWords } from '#orchestrator/commands/place-words.ts'

const isOperand = (word: string): boolean => word.startsWith('lab')
const digits: Place = { key: 'seed', takes: (word) => /^\d+$/.test(word) }
const time: Place = { key: 'timeout', takes: (word) => /^\d+$/.test(word) }
const color: Place = { key: 'color', takes: (word) => ['red', 'blue'].includes(word) }
const any: Place = { key: 'report', takes: () => true }

describe('words whose options were taken away', () => {
  const ROWS: [
    what: string,
    words: string,
    places: Place[],
    operand: string | null | undefined,
    values: (string | null)[],
  ][] = [
    ['the operand before', 'lab 5', [digits], 'lab', ['5']],
    ['the operand behind', '5 lab', [digits], 'lab', ['5']],
    ['the operand between', 'red lab 5', [digits, color], 'lab', ['5', 'red']],
    [
      'a place that takes anything, told by the others',
      'x red lab',
      [any, color],
      'lab',
      ['x', 'red'],
    ],
    ['two words for two places alike', 'lab 5 6', [digits, time], 'lab', [null, null]],
    ['one word for two places alike', 'lab 5', [digits, time], 'lab', [null, null]],
    ['one place twice, in its order', 'red lab blue', [color, color], 'lab', ['red', 'blue']],
    ['an unknown operand, where the rest fits', 'foo 5', [digits], 'foo', ['5']],
    ['no operand', '5', [digits], undefined, ['5']],
    ['a value that is missing', 'lab', [any], 'lab', [null]],
    ['an operand that could be either', 'foo bar', [any], null, [null]],
    ['a word too many', 'lab 5 x', [digits], 'lab', ['5']],
    ['more words than are tried', 'lab 1 2 3 4 5 6 7 8 9', [digits], 'lab', [null]],
  ]

  for (const [what, words, places, name, values] of ROWS) {
    it(`are placed: ${what}`, () => {
      const placing = placeWords(words.split(' '), places, isOperand)
      assert.deepEqual(placing, {
        operand: name === undefined ? null : { word: name },
        places: values,
      })
    })
  }

  it('are placed without an operand where the command takes none', () => {
    assert.deepEqual(placeWords(['5'], [digits], null), { operand: null, places: ['5'] })
  })
})
