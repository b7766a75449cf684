import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DialTransportOptions, MultiaddrConnection, Transport } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { watchHandshakes } from '#node/peer/handshake-watch.ts'

function onData(): void {}
function sendData(): void {}

describe('a watched dial', () => {
  for (const outcome of ['succeeds', 'fails']) {
    it(`costs nothing any more once the handshake ${outcome}`, async () => {
      const connection = { onData, sendData } as unknown as MultiaddrConnection
      const during: boolean[] = []
      const upgrader = {
        upgradeOutbound: async () => {
          during.push(Reflect.get(connection, 'onData') === onData)
          if (outcome === 'fails') throw new Error('no')
        },
      }
      const transport = {
        dial: async (_: unknown, { upgrader, ...options }: DialTransportOptions) =>
          upgrader.upgradeOutbound(connection, options),
      } as unknown as Transport
      const signal = new AbortController().signal
      const options = { upgrader, signal } as unknown as DialTransportOptions
      const watched = watchHandshakes(() => transport)({})
      await watched.dial(multiaddr('/ip4/127.0.0.1/tcp/1'), options).catch(() => {})
      assert.deepEqual(during, [false])
      assert.equal(Reflect.get(connection, 'onData'), onData)
      assert.equal(Reflect.get(connection, 'sendData'), sendData)
    })
  }
})
