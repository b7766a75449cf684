import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unwrapped, wrap } from '#node/patches/wrap.ts'

class Speaker {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  say(word: string): string {
    return `${this.name}: ${word}`
  }
}

function around(mark: string) {
  return (say: Speaker['say']): Speaker['say'] =>
    (word) =>
      `${mark}(${say(word)})`
}

describe('wrap', () => {
  it('calls what is put around a method, which calls the method of the object', () => {
    const speaker = new Speaker('a')
    wrap(speaker, 'say', around('x'))
    assert.equal(speaker.say('hello'), 'x(a: hello)')
    assert.equal(new Speaker('b').say('hello'), 'b: hello')
  })

  it('composes, the last outermost', () => {
    const speaker = new Speaker('a')
    wrap(speaker, 'say', around('x'))
    wrap(speaker, 'say', around('y'))
    assert.equal(speaker.say('hello'), 'y(x(a: hello))')
  })

  it('is taken off in any order, and the others stay', () => {
    const speaker = new Speaker('a')
    const removals = ['x', 'y', 'z'].map((mark) => wrap(speaker, 'say', around(mark)))
    removals[1]?.()
    assert.equal(speaker.say('hello'), 'z(x(a: hello))')
    removals[0]?.()
    assert.equal(speaker.say('hello'), 'z(a: hello)')
    removals[2]?.()
    assert.equal(speaker.say('hello'), 'a: hello')
    assert.equal(Object.hasOwn(speaker, 'say'), false, 'the object is as it was')
  })

  it('is taken off once, however often that is asked for', () => {
    const speaker = new Speaker('a')
    const remove = wrap(speaker, 'say', around('x'))
    wrap(speaker, 'say', around('y'))
    remove()
    remove()
    assert.equal(speaker.say('hello'), 'y(a: hello)')
  })

  it("restores an object's own method as it was", () => {
    const own = { say: (word: string) => word }
    const before = own.say
    wrap(own, 'say', (say) => (word) => `x(${say(word)})`)()
    assert.equal(own.say, before)
  })

  it('leaves the method itself within reach', () => {
    const speaker = new Speaker('a')
    assert.equal(unwrapped(speaker, 'say')('hello'), 'a: hello')
    wrap(speaker, 'say', around('x'))
    wrap(speaker, 'say', around('y'))
    assert.equal(unwrapped(speaker, 'say')('hello'), 'a: hello')
  })
})
