import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lineWidth } from '#orchestrator/report/format.ts'

describe('the width of lines', () => {
  it('is the terminal from 60 to 120 characters, and no less and no more', () => {
    assert.deepEqual([20, 60, 88, 120, 300].map(lineWidth), [60, 60, 88, 120, 120])
  })
})
