import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeError, firstFailure, KadlabError } from '#node/base/errors.ts'

describe('an error while another was cleared up', () => {
  it('is said behind the first one, once', () => {
    const both = new SuppressedError(new Error('no removal'), new Error('no start'))
    assert.equal(describeError(both), 'no start (then, while clearing up: no removal)')
    const same = new SuppressedError(new Error('gone'), new Error('the engine is gone'))
    assert.equal(describeError(same), 'the engine is gone')
    assert.equal(firstFailure(new SuppressedError(new Error('later'), both)), both.suppressed)
    assert.equal(firstFailure('plain'), 'plain')
  })
})

describe('the text of what was thrown', () => {
  const cause = new Error('the disk is full', { cause: new Error('ENOSPC') })

  it('has the messages of its causes behind it', () => {
    const error = new KadlabError('cannot save', { cause })
    assert.equal(describeError(error), 'cannot save (the disk is full (ENOSPC))')
  })

  it('says a cause once that the message tells already', () => {
    const error = new KadlabError(`cannot save: ${describeError(cause)}`, { cause })
    assert.equal(describeError(error), 'cannot save: the disk is full (ENOSPC)')
    const above = new KadlabError('the run failed', { cause: error })
    assert.equal(describeError(above), 'the run failed (cannot save: the disk is full (ENOSPC))')
  })

  it('says those of several causes that the message does not tell', () => {
    const error = new AggregateError([new Error('one'), new Error('two')], 'one and more failed')
    assert.equal(describeError(error), 'one and more failed (two)')
  })

  it('ends where an error is its own cause', () => {
    const error = new Error('round')
    error.cause = error
    assert.equal(describeError(error), 'round')
  })

  it('takes what is no error, and what cannot be written', () => {
    assert.equal(describeError('plain'), 'plain')
    assert.equal(describeError(Object.create(null)), 'something that cannot be written')
  })
})
