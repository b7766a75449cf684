import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createLinesClient, type LinesClient } from '#node/api/lines/client.ts'
import { readLines } from '#node/api/lines/reader.ts'
import { serveLines } from '#node/api/lines/serve.ts'
import type { NodeApi } from '#node/api/node-api.ts'
import type { NodeEvent } from '#node/events/node-event.ts'
import { InvalidKeyError } from '#node/store/errors.ts'
import { createFakeApi, FAKE_STATUS } from '#test/node/api/fake-api.ts'
import { SOON_MS } from '#test/node/peers.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Wired extends AsyncDisposable {
  client: LinesClient
  input: PassThrough
  output: PassThrough
  strays: string[]
}

/** A served API and a client of it, joined by two streams. */
function wire(api: NodeApi): Wired {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const strays: string[] = []
  const face = serveLines(api, { input, output })
  const client = createLinesClient(output, input, { onStray: (line) => strays.push(line) })
  return {
    client,
    input,
    output,
    strays,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]()
      await face.stop()
      await face.stop()
    },
  }
}

/** Lines that a served API answers to lines that are written as they are. */
async function exchange(api: NodeApi, lines: string[], count: number): Promise<unknown[]> {
  const [input, output] = [new PassThrough(), new PassThrough()]
  await using _face = serveLines(api, { input, output })
  const answers: unknown[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  readLines(output, {
    onLine: (line) => {
      if (answers.push(JSON.parse(line)) === count) resolve()
    },
    onTooLong: assert.fail,
    onEnd: () => {},
  })
  for (const line of lines) input.write(`${line}\n`)
  await promise
  return answers
}

async function first(events: AsyncIterable<NodeEvent>, count: number): Promise<NodeEvent[]> {
  const seen: NodeEvent[] = []
  for await (const event of events) if (seen.push(event) === count) break
  return seen
}

async function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  assert.ok(signal)
  if (!signal.aborted) await once(signal, 'abort')
}

describe('the lines face', () => {
  it('carries every call there and back, bytes and null too', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    await using wired = wire(createFakeApi())
    const { client } = wired
    assert.deepEqual(await client.status(), FAKE_STATUS)
    assert.deepEqual(await client.peers(), [])
    const put = await client.put('ключ/1', bytes, { ifVersion: null, ttlMs: 1000 })
    assert.deepEqual(put, { copies: 1, holders: ['peer'], version: '1-0-writer' })
    const got = await client.get('ключ/1')
    assert.deepEqual(Buffer.from(got?.value ?? []), Buffer.from(bytes))
    assert.deepEqual([got?.version, got?.writer, got?.agreed], ['1-0-writer', 'writer', 1])
    assert.equal(await client.get('nothing', { agree: 1 }), null)
    const keys = [{ key: 'ключ/1', valueBytes: 256 }]
    assert.deepEqual(await client.list(), { keys, next: null })
    assert.deepEqual(await client.list({ after: 'ключ/1', limit: 1 }), { keys: [], next: null })
    assert.deepEqual(await client.providers('x'), ['provider of x'])
    assert.equal((await client.dial('/ip4/127.0.0.1/tcp/1')).ok, true)
    assert.deepEqual(await client.ping('peer'), { roundTripMs: 4 })
    const [sighting] = await client.discovery({ targets: ['p'], dialBack: true })
    assert.equal(sighting?.cause, 'ONLY_PRIVATE_ADDRESSES')
    assert.equal(sighting.dialable, false)
    assert.deepEqual(sighting.evidence?.kept, [])
  })

  it('watches a key', async () => {
    const api = createFakeApi()
    await using wired = wire(api)
    const leaving = new AbortController()
    await api.put('k', utf8('v'))
    const told: (string | null)[] = []
    for await (const { version } of wired.client.watch('k', { signal: leaving.signal })) {
      told.push(version)
      if (told.length === 1) await api.delete('k')
      else leaving.abort()
    }
    assert.deepEqual(told, ['1-0-writer', null])
  })

  it('tells who watches a key what the node does: the version of a deletion, and what went wrong', async () => {
    const asked: unknown[] = []
    const deletion = { key: 'k', value: null, version: '2-0-w', writer: 'w' }
    const api = createFakeApi({
      async *watch(key, { after, signal } = {}) {
        asked.push([key, after])
        if (key === '') throw new InvalidKeyError('no key')
        yield deletion
        await untilAborted(signal)
        asked.push('left')
      },
    })
    await using wired = wire(api)
    for await (const change of wired.client.watch('k', { after: '1-0-w' })) {
      assert.deepEqual(change, deletion)
      break
    }
    // It is answered once the watch before it has been given up.
    await wired.client.status()
    assert.deepEqual(asked, [['k', '1-0-w'], 'left'])
    await assert.rejects(wired.client.watch('')[Symbol.asyncIterator]().next(), {
      name: 'InvalidKeyError',
    })
    const ended = wired.client.watch('k')[Symbol.asyncIterator]()
    assert.equal((await ended.next()).done, false)
    wired.output.end()
    assert.equal((await ended.next()).done, true)
  })

  it('watches for whoever writes lines by hand, until the watch is cancelled', async () => {
    const deletion = { key: 'k', value: null, version: '2-0-w', writer: 'w' }
    const api = createFakeApi({
      async *watch(_key, { signal } = {}) {
        yield { ...deletion, value: utf8('v'), version: '1-0-w' }
        yield deletion
        await untilAborted(signal)
      },
    })
    const call = { id: 1, call: 'watch', args: { key: 'k' } }
    assert.deepEqual(await exchange(api, [JSON.stringify(call)], 2), [
      { id: 1, change: { ...deletion, value: 'dg==', version: '1-0-w' } },
      { id: 1, change: deletion },
    ])
    const cancelled = [call, { id: 1, cancel: true }].map((line) => JSON.stringify(line))
    assert.deepEqual(await exchange(createFakeApi(), cancelled, 1), [
      { id: 1, ok: true, result: null },
    ])
  })

  it('rejects with the name and message that the error had at the node', async () => {
    await using wired = wire(createFakeApi())
    await assert.rejects(wired.client.delete('x', { replicas: 2 }), {
      name: 'StoreError',
      message: '1 of 2 copies',
    })
    await assert.rejects(wired.client.put('x', utf8('v'), { replicas: 2 }), { name: 'StoreError' })
  })

  it('gives up a call at the node when the caller aborts it, and serves the next', async () => {
    const api = createFakeApi()
    await using wired = wire(api)
    const controller = new AbortController()
    const call = wired.client.provide('x', { signal: controller.signal })
    // Answered after the call that came before it in the stream has begun.
    await wired.client.status()
    controller.abort(new Error('enough'))
    await assert.rejects(call, { message: 'enough' })
    await wired.client.status()
    assert.equal(api.hanging[0]?.aborted, true)
    await assert.rejects(wired.client.status({ signal: AbortSignal.abort() }), {
      name: 'AbortError',
    })
  })

  it('tells held events first and then those to come, in order with the answers', async () => {
    const api = createFakeApi()
    api.log.emit({ event: 'start', peer: 'p', agent: 'a' })
    await using wired = wire(api)
    const live = wired.client.events()
    await wired.client.status()
    api.log.emit({ event: 'ready' })
    assert.deepEqual(
      (await first(wired.client.events({ since: 0 }), 2)).map((event) => event.event),
      ['start', 'ready'],
    )
    assert.deepEqual((await first(live, 2)).at(1), { event: 'ready', seq: 2, ms: 5 })
  })

  it('answers lines that are no requests with an error and goes on', async () => {
    const answers = await exchange(
      createFakeApi(),
      [
        'no json',
        '{"id":1,"call":"nonsense"}',
        '{"id":2,"call":"get","args":{"keys":1}}',
        '{"id":"s","call":"put","args":{"key":"k","value":"&"}}',
        '{"id":3,"call":"status","args":[]}',
        '{"call":"status"}',
        '{"id":9,"cancel":true}',
        'x'.repeat(5 * 1024 * 1024),
        '{"id":4,"call":"get","args":{"key":"k"}}',
      ],
      8,
    )
    const shown = answers.map((answer) => {
      const { id, ok, error } = answer as { id: unknown; ok: boolean; error?: { name: string } }
      return [id, ok, error?.name]
    })
    assert.deepEqual(
      shown.toSorted((a, b) => String(a[0]).localeCompare(String(b[0]))),
      [
        [1, false, 'BadRequestError'],
        [2, false, 'BadRequestError'],
        [3, false, 'BadRequestError'],
        [4, true, undefined],
        [null, false, 'BadRequestError'],
        [null, false, 'BadRequestError'],
        [null, false, 'BadRequestError'],
        ['s', false, 'BadRequestError'],
      ],
    )
  })

  it('reads lines however the stream cuts them, also inside a character', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    await using _face = serveLines(createFakeApi(), { input, output })
    for (const byte of Buffer.from('{"id":1,"call":"providers","args":{"key":"ü€"}}\r\n')) {
      input.write(Buffer.from([byte]))
    }
    const [line] = (await once(output, 'data')) as [Buffer]
    assert.deepEqual(JSON.parse(String(line)), { id: 1, ok: true, result: ['provider of ü€'] })
  })

  it('goes on telling events when its input ends', async () => {
    const api = createFakeApi()
    await using wired = wire(api)
    const events = first(wired.client.events(), 1)
    wired.input.end()
    await once(wired.input, 'end')
    api.log.emit({ event: 'ready' })
    assert.equal((await events)[0]?.event, 'ready')
  })

  for (const [how, error] of [
    ['with an error', new Error('EPIPE')],
    ['without a word', undefined],
  ] as const) {
    it(`gives its calls up and reads no more when its reader has gone ${how}`, async () => {
      const told: (AbortSignal | undefined)[] = []
      const api = createFakeApi({
        events(options) {
          told.push(options?.signal)
          return api.log.events(options)
        },
      })
      const [input, output] = [new PassThrough(), new PassThrough()]
      await using _face = serveLines(api, { input, output })
      await using other = wire(api)
      input.write('{"id":1,"call":"provide","args":{"key":"x"}}\n{"id":2,"call":"status"}\n')
      await once(output, 'data')
      const [call] = api.hanging
      assert.ok(call)
      const givenUp = once(call, 'abort', { signal: AbortSignal.timeout(SOON_MS) })
      output.destroy(error)
      await givenUp
      assert.equal(told[0]?.aborted, true)
      input.write('{"id":3,"call":"provide","args":{"key":"y"}}\n')
      assert.deepEqual(await other.client.status(), FAKE_STATUS)
      assert.equal(input.readableFlowing, false)
      assert.equal(api.hanging.length, 1)
    })
  }
})

describe('the lines client', () => {
  it('rejects what is pending and what comes later when the streams end', async () => {
    await using wired = wire(createFakeApi())
    const pending = wired.client.provide('x')
    const events = first(wired.client.events(), 1)
    wired.output.end()
    await assert.rejects(pending, { name: 'DisconnectedError' })
    await assert.rejects(wired.client.status(), { name: 'DisconnectedError' })
    assert.deepEqual(await events, [])
    await wired.client.closed
  })

  it('rejects what is pending when it is disposed of, twice too', async () => {
    const wired = wire(createFakeApi())
    const pending = wired.client.provide('x')
    const rejected = assert.rejects(pending, { name: 'DisconnectedError' })
    await wired[Symbol.asyncDispose]()
    await wired.client[Symbol.asyncDispose]()
    await rejected
  })

  it('hands on lines that are neither an answer nor an event, and reads on', async () => {
    await using wired = wire(createFakeApi())
    wired.output.write('(node:1) Warning: something\n{"event":"half"}\n{"id":77,"ok":"yes"}\n')
    await wired.client.status()
    assert.deepEqual(wired.strays, [
      '(node:1) Warning: something',
      '{"event":"half"}',
      '{"id":77,"ok":"yes"}',
    ])
  })

  it('writes events after what the same turn sends to others, and answers at once', async () => {
    const api = createFakeApi()
    const order: string[] = []
    const input = new PassThrough()
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        order.push(String(chunk).includes('event') ? 'event' : 'answer')
        done()
      },
    })
    await using _face = serveLines(api, { input, output })
    input.write('{"id":1,"call":"status"}\n')
    while (order.length === 0) await setImmediate()
    api.log.emit({ event: 'ready' })
    // By then the line is written, and held back.
    for (let count = 0; count < 20; count += 1) await Promise.resolve()
    await setImmediate()
    order.push('sent to others')
    while (order.length < 3) await setImmediate()
    assert.deepEqual(order, ['answer', 'sent to others', 'event'])
  })

  it('writes the lines of one turn at once, and none is lost when it stops', async () => {
    const api = createFakeApi()
    for (let count = 0; count < 5; count += 1) api.log.emit({ event: 'stopping', why: `${count}` })
    const writes: number[] = []
    const output = new Writable({
      write: (_chunk, _encoding, done) => {
        writes.push(1)
        done()
      },
      writev: (chunks, done) => {
        writes.push(chunks.length)
        done()
      },
    })
    const face = serveLines(api, { input: new PassThrough(), output })
    for (let turns = 0; turns < 3; turns += 1) await setImmediate()
    assert.deepEqual(writes, [5])
    api.log.emit({ event: 'stopping', why: 'last' })
    // Within the same turn, so that it is the stop which brings it out.
    for (let count = 0; count < 20; count += 1) await Promise.resolve()
    api.log.end()
    await face.stop()
    assert.deepEqual(writes, [5, 1])
  })
})
