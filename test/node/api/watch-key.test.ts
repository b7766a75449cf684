import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { watchKey } from '#node/api/watch-key.ts'
import { UnansweredError } from '#node/store/errors.ts'
import type { KeyChange } from '#node/store/outcomes.ts'
import { createFakeApi } from '#test/node/api/fake-api.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

const textOf = ({ value }: KeyChange): string | null =>
  value === null ? null : Buffer.from(value).toString()

async function next(changes: AsyncIterator<KeyChange>): Promise<string | null> {
  const { done, value } = await changes.next()
  assert.ok(done !== true)
  return textOf(value)
}

describe('a watch of a key', () => {
  it('tells what is there, and each newer version and deletion, and nothing twice', async () => {
    const api = createFakeApi()
    await api.put('k', Buffer.from('1'))
    const changes = watchKey(api, 'k')
    assert.equal(await next(changes), '1')
    await api.put('other', Buffer.from('x'))
    // Told of again, and the same.
    api.log.emit({ event: 'stored', key: 'k', from: 'peer' })
    await api.put('k', Buffer.from('2'))
    assert.equal(await next(changes), '2')
    await api.delete('k')
    assert.equal(await next(changes), null)
    await api.put('k', Buffer.from('3'))
    assert.equal(await next(changes), '3')
    await changes.return()
  })

  it('begins behind the version that the caller has', async () => {
    const api = createFakeApi()
    const { version } = await api.put('k', Buffer.from('1'))
    const changes = watchKey(api, 'k', { after: version ?? '' })
    const coming = next(changes)
    await api.put('k', Buffer.from('2'))
    assert.equal(await coming, '2')
    await changes.return()
  })

  it('tells the version of a deletion where that is known, once, and begins behind it', async () => {
    const deleted = { value: null, version: '2-0-w', writer: 'w' }
    const put = { value: Buffer.from('1'), version: '1-0-w', writer: 'w' }
    let current: typeof put | typeof deleted | null = put
    const api = { ...createFakeApi(), current: async () => current }
    const tell = (): void => {
      api.log.emit({ event: 'stored', key: 'k', from: 'peer' })
    }
    const changes = watchKey(api, 'k')
    assert.equal(await next(changes), '1')
    current = deleted
    tell()
    assert.deepEqual((await changes.next()).value, { key: 'k', ...deleted })
    // That it was deleted is over at some time; and so is what is there then.
    current = null
    const coming = next(changes)
    tell()
    await new Promise(setImmediate)
    current = { ...put, version: '3-0-w' }
    tell()
    assert.equal(await coming, '1')
    await changes.return()
    current = deleted
    const later = watchKey(api, 'k', { after: '2-0-w' })
    const newer = later.next()
    await new Promise(setImmediate)
    current = { ...put, version: '4-0-w' }
    tell()
    assert.equal((await newer).value?.version, '4-0-w')
    await later.return()
  })

  it('notices within 10 s what is stored elsewhere, also after nobody answered', async () => {
    const clock = new ManualClock()
    const answers = [
      async () => null,
      async () => Promise.reject(new UnansweredError('nobody')),
      async () => ({ value: Buffer.from('v'), version: null, writer: null, from: 'p', agreed: 1 }),
    ]
    let asked = 0
    const api = createFakeApi({
      get: async () => {
        asked += 1
        return (answers[asked - 1] ?? assert.fail())()
      },
    })
    const coming = next(watchKey(api, 'k', {}, clock))
    await clock.advance(9000)
    assert.equal(asked, 1)
    await clock.advance(1000)
    assert.equal(asked, 2)
    await clock.advance(10_000)
    assert.equal(await coming, 'v')
  })

  it('ends with its signal, with the node, and with an error that is one', async () => {
    const leaving = new AbortController()
    const left = Array.fromAsync(watchKey(createFakeApi(), 'k', { signal: leaving.signal }))
    leaving.abort()
    assert.deepEqual(await left, [])
    const api = createFakeApi()
    const ended = Array.fromAsync(watchKey(api, 'k'))
    api.log.end()
    assert.deepEqual(await ended, [])
    const failing = createFakeApi({ get: async () => Promise.reject(new Error('broken')) })
    await assert.rejects(watchKey(failing, 'k').next(), /broken/)
  })
})
