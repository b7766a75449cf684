import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { yamux } from '@chainsafe/libp2p-yamux'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { endWithMuxer } from '#node/patches/dead-muxer.ts'

const remoteAddr = multiaddr('/ip4/127.0.0.1/tcp/1')

function pair() {
  const [outbound, inbound] = multiaddrConnectionPair({
    outbound: { remoteAddr },
    inbound: { remoteAddr },
  })
  const make = endWithMuxer(yamux())()
  return { outbound, inbound, asker: make.createStreamMuxer(outbound), make }
}

describe('a muxer that gives up', () => {
  it('ends its connection, on both sides', async () => {
    const { outbound, inbound, asker, make } = pair()
    make.createStreamMuxer(inbound)
    const closed = Promise.all([once(outbound, 'close'), once(inbound, 'close')])
    // Nobody listens for streams at the other end: the eleventh is one too many.
    await Promise.all(Array.from({ length: 11 }, async () => asker.createStream()))
    await closed
    assert.deepEqual([outbound.status, inbound.status].includes('open'), false)
  })
})
