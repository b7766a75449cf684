import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lackOf, type Sample } from './answers.ts'

function sample(metric: Record<string, string>, value: string): Sample {
  return { metric, value: [0, value] }
}

describe('an answer', () => {
  const dialable = sample({ rung: 'dialable' }, '2')
  const identified = sample({ rung: 'identified', cause: 'CLIENT_MODE' }, '1')

  it('has series, and a number in one of them at least', () => {
    assert.equal(lackOf([], []), 'no series')
    assert.equal(lackOf([sample({}, 'NaN'), sample({ type: 'PING' }, 'NaN')], []), 'no number')
    assert.equal(lackOf([sample({}, 'NaN'), sample({ type: 'PING' }, '0')], []), null)
    assert.equal(lackOf([sample({}, '+Inf')], []), null)
  })

  it('has every label that is shown, in one of its series at least', () => {
    assert.equal(lackOf([dialable, identified], ['rung', 'cause']), null)
    assert.equal(lackOf([dialable], ['rung', 'cause']), 'no cause')
    assert.equal(lackOf([dialable, identified], ['call', 'rung', 'node']), 'no call, node')
  })
})
