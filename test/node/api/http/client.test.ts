import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createHttpClient } from '#node/api/http/client.ts'
import { eventData } from '#node/api/http/event-data.ts'
import { openFace } from '#node/api/http/listen.ts'
import { serveHttp } from '#node/api/http/serve.ts'
import { createFaceServer } from '#node/api/http/server.ts'
import type { NodeApi } from '#node/api/node-api.ts'
import { createFakeApi, type FakeApi } from '#test/node/api/fake-api.ts'

interface Pair extends AsyncDisposable {
  /** The node itself. */
  near: FakeApi
  /** The same over HTTP, on a unix socket. */
  far: NodeApi
}

async function pair(overrides: Partial<NodeApi> = {}): Promise<Pair> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await mkdtempDisposable(join(tmpdir(), 'kadlab-client-')))
  const listen = { path: join(folder.path, 'api.sock') }
  const near = createFakeApi(overrides)
  opened.use(await serveHttp(near, { listen, metrics: null }))
  const kept = opened.move()
  return {
    near,
    far: createHttpClient(listen),
    [Symbol.asyncDispose]: async () => kept.disposeAsync(),
  }
}

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function dataOf(...texts: string[]): Promise<string[]> {
  return Array.fromAsync(eventData(chunks(...texts)))
}

describe('createHttpClient', () => {
  it('gives what the node itself gives', async () => {
    await using both = await pair()
    const { near, far } = both
    const judged = { dialBack: true, again: true, targets: ['a', 'b'] }
    assert.deepEqual(await far.status(), await near.status())
    assert.deepEqual(await far.peers(), await near.peers())
    assert.deepEqual(await far.discovery(judged), await near.discovery(judged))
    assert.deepEqual(await far.discovery(), await near.discovery())
    assert.deepEqual(await far.providers('a/ü?#'), await near.providers('a/ü?#'))
    const address = '/ip4/11.0.0.1/tcp/3000'
    assert.deepEqual(await far.dial(address), await near.dial(address))
    assert.deepEqual(await far.ping('peer'), await near.ping('peer'))
  })

  it('carries bytes as they are, under any key, and null where there are none', async () => {
    await using both = await pair()
    const value = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    for (const key of ['plain', 'a/b', 'a/../b', 'ü ?#%2F', '...']) {
      assert.equal((await both.far.put(key, value, { replicas: 0 })).copies, 1)
      const found = await both.far.get(key)
      assert.deepEqual([...(found?.value ?? [])], [...value], key)
      const { from, writer, agreed } = found ?? assert.fail()
      assert.deepEqual([from, writer, agreed], [null, 'writer', 1])
    }
    assert.equal(await both.far.get('nothing'), null)
  })

  it('lists keys a page at a time, whatever they are made of', async () => {
    await using both = await pair()
    const keys = ['a&limit=1', 'b c', 'ü/?']
    for (const key of keys) await both.near.put(key, Buffer.from('v'))
    const listed: string[] = []
    let after: string | null = ''
    while (after !== null) {
      const page = await both.far.list({ after, limit: 2 })
      listed.push(...page.keys.map(({ key }) => key))
      after = page.next
    }
    assert.deepEqual(listed, keys)
    assert.equal((await both.far.list()).keys.length, 3)
  })

  it('writes and deletes only the version that is wanted', async () => {
    await using both = await pair()
    const { far } = both
    const { version } = await far.put('k', Buffer.from('1'), { ifVersion: null, ttlMs: 5000 })
    const other = { name: 'VersionError' }
    await assert.rejects(far.put('k', Buffer.from('2'), { ifVersion: null }), other)
    await assert.rejects(far.delete('k', { ifVersion: '9-0-writer' }), other)
    assert.equal((await far.get('k', { agree: 1 }))?.version, version)
    await far.delete('k', { ifVersion: version })
    assert.equal(await far.get('k'), null)
  })

  it('watches a key, with the version that it has as where to begin', async () => {
    await using both = await pair()
    const { version } = await both.near.put('a/ü', Buffer.from('1'))
    const leaving = new AbortController()
    const told: unknown[] = []
    for await (const change of both.far.watch('a/ü', { signal: leaving.signal })) {
      told.push([change.value === null ? null : String(change.value), change.version])
      if (told.length === 1) await both.near.put('a/ü', Buffer.from('2'))
      else if (told.length === 2) await both.near.delete('a/ü')
      else leaving.abort()
    }
    assert.deepEqual(told, [
      ['1', version],
      ['2', '2-0-writer'],
      [null, null],
    ])
    await both.near.put('k', Buffer.from('3'))
    const later = both.far.watch('k', { after: '4-0-writer' })
    const coming = later[Symbol.asyncIterator]().next()
    await both.near.put('k', Buffer.from('4'))
    assert.equal((await coming).value?.version, '5-0-writer')
  })

  it('refuses the two keys that no URL can carry', async () => {
    await using both = await pair()
    for (const key of ['.', '..']) {
      await assert.rejects(both.far.get(key), { name: 'BadRequestError' })
      await assert.rejects(both.far.provide(key), { name: 'BadRequestError' })
    }
  })

  it('says which peer gave a value', async () => {
    await using both = await pair({
      get: async () => ({
        value: Buffer.from('v'),
        from: 'peer',
        version: null,
        writer: null,
        agreed: 2,
      }),
    })
    assert.equal((await both.far.get('k'))?.from, 'peer')
  })

  it('rejects with the error of the node, by its name', async () => {
    await using both = await pair()
    await assert.rejects(both.far.put('k', Buffer.from('v'), { replicas: 2 }), {
      name: 'StoreError',
    })
    await assert.rejects(both.far.delete('k', { replicas: 2 }), { name: 'StoreError' })
  })

  it('says the status of an answer that no node gave', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-client-'))
    const listen = { path: join(folder.path, 'api.sock') }
    const proxy = createFaceServer(() => new Response('Bad gateway', { status: 502 }))
    await using _face = await openFace(proxy, listen)
    await assert.rejects(createHttpClient(listen).status(), {
      name: 'HttpError',
      message: 'HTTP status 502',
    })
  })

  it('gives a call up, there too', async () => {
    await using both = await pair()
    const caller = new AbortController()
    const call = both.far.provide('k', { signal: caller.signal })
    while (both.near.hanging.length === 0) await both.far.status()
    caller.abort(new Error('enough'))
    await assert.rejects(call, /enough/)
    const [there] = both.near.hanging
    if (there?.aborted === false) {
      await new Promise((resolve) => there.addEventListener('abort', resolve, { once: true }))
    }
  })

  it('hears events, those that were held first, until its signal aborts', async () => {
    await using both = await pair()
    both.near.log.emit({ event: 'closed', peer: 'before' })
    const leaving = new AbortController()
    const heard: string[] = []
    for await (const event of both.far.events({ since: 0, signal: leaving.signal })) {
      heard.push('peer' in event ? String(event.peer) : event.event)
      if (heard.length === 1) both.near.log.emit({ event: 'closed', peer: 'after\nthat' })
      else leaving.abort()
    }
    assert.deepEqual(heard, ['before', 'after\nthat'])
  })

  it('says where no node answers', async () => {
    const client = createHttpClient({ path: '/nowhere/api.sock' })
    await assert.rejects(client.status(), {
      name: 'DisconnectedError',
      message: /no node answers at \/nowhere\/api\.sock: .*ENOENT/,
    })
    await assert.rejects(Array.fromAsync(client.events()), { name: 'DisconnectedError' })
  })

  it('refuses an answer of another form', async () => {
    await using both = await pair({ peers: async () => [{ peerId: 1 }] as never })
    await assert.rejects(both.far.peers(), { name: 'BadRequestError', message: /peerId/ })
  })
})

describe('eventData', () => {
  it('reads events however the stream is cut', async () => {
    const text = ': hello\n\nid: 1\nevent: x\ndata: {"a":"ü"}\n\ndata: 2\n\n'
    const bytes = Buffer.from(text)
    for (let at = 0; at <= bytes.length; at++) {
      const cut = (async function* () {
        yield bytes.subarray(0, at)
        yield bytes.subarray(at)
      })()
      assert.deepEqual(await Array.fromAsync(eventData(cut)), ['{"a":"ü"}', '2'])
    }
  })

  it('joins the lines of one event, with either line break', async () => {
    assert.deepEqual(await dataOf('data: a\r\ndata:b\r\n\r\n'), ['a\nb'])
  })

  it('drops an event that the end cuts off', async () => {
    assert.deepEqual(await dataOf('data: a\n\ndata: b\n'), ['a'])
  })
})
