import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { noiseWithCheapLengths } from '#node/patches/cheap-lengths.ts'

const remoteAddr = multiaddr('/ip4/127.0.0.1/tcp/1')

/** Two ends of an encrypted connection. */
async function securedPair(make: ReturnType<typeof noise>) {
  const [outbound, inbound] = multiaddrConnectionPair({
    outbound: { remoteAddr },
    inbound: { remoteAddr },
  })
  const [dialler, listener] = await Promise.all(
    [1, 2].map(async (seed) => {
      const privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed))
      const peerId = peerIdFromPrivateKey(privateKey)
      const upgrader = { getStreamMuxers: () => new Map() }
      const components = { privateKey, peerId, logger: defaultLogger(), upgrader }
      return make(components as unknown as Parameters<typeof make>[0])
    }),
  )
  assert.ok(dialler !== undefined && listener !== undefined)
  const [from, to] = await Promise.all([
    dialler.secureOutbound(outbound),
    listener.secureInbound(inbound),
  ])
  return { from: from.connection, to: to.connection }
}

/** Sends messages one after the other; resolves with what came, and how many errors it took. */
async function exchange(make: ReturnType<typeof noise>, messages: readonly string[]) {
  const { from, to } = await securedPair(make)
  const stock = globalThis.RangeError
  let errors = 0
  const counted = (target: RangeErrorConstructor, args: unknown[]): RangeError => {
    errors += 1
    return Reflect.construct(target, args) as RangeError
  }
  globalThis.RangeError = new Proxy(stock, {
    apply: (target, _this, args: unknown[]) => counted(target, args),
    construct: (target, args: unknown[]) => counted(target, args),
  })
  try {
    const came: string[] = []
    for (const message of messages) {
      const arrived = new Promise<void>((resolve) => {
        const take = ({ data }: { data: { subarray(): Uint8Array } }): void => {
          came.push(Buffer.from(data.subarray()).toString())
          resolve()
        }
        to.addEventListener('message', take, { once: true })
      })
      from.send(Buffer.from(message))
      await arrived
    }
    return { came, errors }
  } finally {
    globalThis.RangeError = stock
  }
}

describe('an encrypted connection', () => {
  it('takes each message without an error, where the stock one makes one a message', async () => {
    const messages = ['a', 'b', 'c'.repeat(100), 'd']
    const stock = await exchange(noise(), messages)
    assert.deepEqual(stock.came, messages)
    assert.ok(stock.errors >= messages.length, `${stock.errors}`)
    const cheap = await exchange(noiseWithCheapLengths(), messages)
    assert.deepEqual(cheap, { came: messages, errors: 0 })
  })
})
