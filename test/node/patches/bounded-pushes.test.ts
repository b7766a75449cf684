import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryNetwork } from '#test/node/memory-network.ts'
import { addressOf, knownAddresses, lists, startPeer, until } from '#test/node/peers.ts'

const A = { address: '11.0.0.1' }
const B = { address: '11.0.0.2' }
const PUSH = '/ipfs/id/push/1.0.0'

/** An identify message of nearly 8 KiB with 700 addresses, as it stands on a stream. */
function frame(from: number): Uint8Array {
  const fields = Array.from({ length: 700 }, (_, at) => {
    const { bytes } = multiaddr(`/ip4/11.0.0.2/tcp/${from + at}`)
    return Buffer.concat([Buffer.of(0x12, bytes.byteLength), bytes])
  })
  const message = Buffer.concat(fields)
  return Buffer.concat([
    Buffer.of((message.byteLength & 0x7f) | 0x80, message.byteLength >> 7),
    message,
  ])
}

/** `a` lists `b`, which has a connection to it; and what `a` refuses. */
async function twoPeers() {
  const network = new MemoryNetwork()
  const stack = new AsyncDisposableStack()
  const a = stack.use(await startPeer(network, A))
  const b = stack.use(await startPeer(network, B))
  const refusals = new EventTarget()
  let refused = 0
  a.refusals.onRefused((what) => {
    if (what !== 'push') return
    refused += 1
    refusals.dispatchEvent(new Event('refused'))
  })
  const connection = await b.libp2p.dial(multiaddr(addressOf(A)))
  await lists(a, b.peerId)
  const push = async (frames: number): Promise<void> => {
    const stream = await connection.newStream(PUSH)
    for (let count = 0; count < frames; count += 1) stream.send(frame(1000 + 700 * count))
    await stream.close().catch(() => {})
  }
  return {
    a,
    b,
    push,
    refused: () => refused,
    untilRefused: () => until(refusals, 'refused', async () => refused > 0),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

describe('boundPushes', () => {
  it('ends a push of more bytes than any honest peer sends', async () => {
    await using peers = await twoPeers()
    await peers.push(10)
    await peers.untilRefused()
    assert.ok((await knownAddresses(peers.a, peers.b.peerId)).length <= 40)
  })

  it('ends pushes that come too often, and none before', async () => {
    await using peers = await twoPeers()
    for (let count = 0; count < 5; count += 1) await peers.push(1)
    assert.equal(peers.refused(), 0)
    for (let count = 0; count < 10; count += 1) await peers.push(1).catch(() => {})
    await peers.untilRefused()
  })
})
