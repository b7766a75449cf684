import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { readLines } from '#node/api/lines/reader.ts'

/** What a reader of lines up to 8 characters tells of a stream. */
function watch(stream: PassThrough): { told: string[]; ended: Promise<void>; stop: () => void } {
  const told: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const handlers = {
    onLine: (line: string) => void told.push(line),
    onTooLong: () => void told.push('too long'),
    onEnd: (error: Error | null) => {
      told.push(`ended ${error?.message ?? 'well'}`)
      resolve()
    },
  }
  return { told, ended: promise, stop: readLines(stream, handlers, { maxLength: 8 }) }
}

describe('the line reader', () => {
  it('tells whole lines, one that has no end too, and skips empty ones', async () => {
    const stream = new PassThrough()
    const { told, ended } = watch(stream)
    stream.write('one\n\n  \ntw')
    stream.end('o\nthree')
    await ended
    assert.deepEqual(told, ['one', 'two', 'three', 'ended well'])
  })

  it('keeps nothing of a line that is too long, in one piece or in many, and reads on after it', async () => {
    const stream = new PassThrough()
    const { told, ended } = watch(stream)
    stream.write('123456789\n12345678\n')
    for (let piece = 0; piece < 9; piece += 1) stream.write('1234')
    // Told before its end, so that nothing needs to be kept until then.
    await setImmediate()
    assert.deepEqual(told, ['too long', '12345678', 'too long'])
    stream.end('\nnext\n')
    await ended
    assert.deepEqual(told, ['too long', '12345678', 'too long', 'next', 'ended well'])
  })

  it('tells how the stream failed, and nothing after it was stopped', async () => {
    const failing = new PassThrough()
    const { told, ended } = watch(failing)
    failing.destroy(new Error('broken'))
    await ended
    assert.deepEqual(told, ['ended broken'])

    const stream = new PassThrough()
    const stopped = watch(stream)
    stopped.stop()
    stream.end('late\n')
    assert.ok(stream.isPaused())
    assert.deepEqual(stopped.told, [])
  })
})
