import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { History } from '../../../../scripts/soak/base/history.ts'

const WRITER = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'
const at = (ms: number): string => `${ms}-0-${WRITER}`

/** A history in which `one` and then `two` were written under k. */
function written(): History {
  const history = new History()
  for (const [value, ms] of [
    ['one', 100],
    ['two', 200],
  ] as const) {
    const attempt = history.begin('k', value)
    history.acknowledge(attempt, 'writer', at(ms))
    attempt.endedMs = ms + 1
  }
  return history
}

describe('the history of a soak', () => {
  it('takes what a store may say', () => {
    const history = written()
    history.read('k', 'a', { value: 'one', version: at(100) })
    history.read('k', 'a', { value: 'two', version: at(200) })
    // Begun, and never acknowledged: it may have happened.
    history.begin('k', 'three')
    history.read('k', 'b', { value: 'three', version: at(300) })
    assert.equal(history.settled('k', 'a', { value: 'three', version: at(300) }), null)
    assert.equal(history.settled('k', 'a', { value: 'two', version: at(200) }), null)
    history.begin('k', null)
    history.read('k', 'b', { value: null, version: null })
    assert.equal(history.settled('k', 'b', { value: null, version: null }), null)
    assert.deepEqual(history.faults, [])
  })

  it('notices a value that was never written', () => {
    const history = written()
    history.read('k', 'a', { value: 'other', version: at(300) })
    assert.match(history.faults.join(), /never written/)
    assert.match(
      history.settled('k', 'a', { value: 'other', version: at(300) }) ?? '',
      /never written/,
    )
  })

  it('notices a version that goes back at a reader, also at the one that wrote', () => {
    const history = written()
    history.read('k', 'writer', { value: 'one', version: at(100) })
    assert.match(history.faults.join(), /writer saw 200-0-\w+ of k, then the older 100-0-/)
  })

  it('notices what is lost: nothing is read, or what was before, and no deletion can be why', () => {
    const history = written()
    const early = history.begin('k', null)
    early.endedMs = 150
    assert.match(history.settled('k', 'a', { value: null, version: null }) ?? '', /is lost/)
    assert.match(history.settled('k', 'a', { value: 'one', version: at(100) }) ?? '', /older than/)
    history.read('k', 'writer', { value: null, version: null })
    assert.match(history.faults.join(), /then nothing/)
  })

  it('notices what was deleted and comes back', () => {
    const history = written()
    const deletion = history.begin('k', null)
    history.acknowledge(deletion, 'writer', at(300))
    deletion.endedMs = 301
    assert.equal(history.settled('k', 'a', { value: null, version: null }), null)
    assert.match(history.settled('k', 'a', { value: 'two', version: at(200) }) ?? '', /older than/)
    history.read('k', 'writer', { value: 'two', version: at(200) })
    assert.match(history.faults.join(), /then the older/)
  })
})
