import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Stream } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { yamuxWithLazyWindows } from '#node/patches/lazy-windows.ts'

/** Two muxers that speak to each other; `sent` are the messages of the one that answers. */
function pair() {
  const remoteAddr = multiaddr('/ip4/127.0.0.1/tcp/1')
  const [outbound, inbound] = multiaddrConnectionPair({
    outbound: { remoteAddr },
    inbound: { remoteAddr },
  })
  const make = yamuxWithLazyWindows()()
  const [asker, answerer] = [make.createStreamMuxer(outbound), make.createStreamMuxer(inbound)]
  let sent = 0
  const send = inbound.send.bind(inbound)
  inbound.send = (data) => {
    sent += 1
    return send(data)
  }
  return {
    asker,
    answerer,
    sent: () => sent,
    [Symbol.dispose]: () => {
      for (const each of [asker, answerer]) each.abort(new Error('the test is over'))
    },
  }
}

async function readAll(stream: Stream, bytes: number): Promise<void> {
  let read = 0
  for await (const data of stream) {
    read += data.byteLength
    if (read >= bytes) return
  }
}

describe('lazy windows', () => {
  it('are not renewed after each small message', async () => {
    using muxers = pair()
    const { asker, answerer, sent } = muxers
    const opened = Promise.withResolvers<Stream>()
    answerer.addEventListener('stream', ({ detail }) => opened.resolve(detail))
    const stream = await asker.createStream()
    const served = await opened.promise
    stream.send(new Uint8Array(100))
    const before = sent()
    const read = readAll(served, 100 + 50 * 100)
    for (let count = 0; count < 50; count += 1) stream.send(new Uint8Array(100))
    await read
    assert.ok(sent() - before <= 2, `${sent() - before} messages`)
  })

  it('let more than a window through, whatever way it is sent', async () => {
    using muxers = pair()
    const { asker, answerer } = muxers
    const total = 3 * 1024 * 1024
    const opened = Promise.withResolvers<Stream>()
    answerer.addEventListener('stream', ({ detail }) => opened.resolve(detail))
    const stream = await asker.createStream()
    const served = await opened.promise
    const read = readAll(served, total)
    for (let at = 0; at < total; at += 64 * 1024) {
      if (!stream.send(new Uint8Array(64 * 1024))) await stream.onDrain()
    }
    await read
  })
})
