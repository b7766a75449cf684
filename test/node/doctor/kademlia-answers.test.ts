import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import type { Stream } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { lpStream } from '@libp2p/utils'
import { createLibp2p } from 'libp2p'
import type { Diagnosis } from '#node/doctor/diagnosis.ts'
import { examine } from '#node/doctor/examine.ts'

const KAD = '/ipfs/kad/1.0.0'
/** `FIND_NODE` with nobody in it. */
const NOBODY = [0x08, 4]

/** Examines a host on loopback which answers questions of Kademlia as it is told. */
async function examineAnswering(
  answer: (stream: Stream) => Promise<void>,
  services: 'all' | 'without identify' = 'all',
): Promise<Diagnosis> {
  const host = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { ping: ping(), ...(services === 'all' && { identify: identify() }) },
  })
  await host.handle(KAD, answer)
  try {
    return await examine(host.getMultiaddrs()[0]?.toString() ?? '', {
      protocol: KAD,
      scope: 'any',
      dialPrivate: true,
      timeoutMs: 2000,
    })
  } finally {
    await host.stop()
  }
}

function saying(...bytes: number[]): (stream: Stream) => Promise<void> {
  return async (stream) => {
    const messages = lpStream(stream)
    await messages.read()
    await messages.write(Uint8Array.from(bytes))
    await stream.close()
  }
}

function kademliaOf({ checks }: Diagnosis): boolean | null | undefined {
  return checks.find(({ name }) => name === 'kademlia')?.ok
}

describe('the doctor, on answers of Kademlia', () => {
  for (const [name, bytes] of [
    ['nobody', NOBODY],
    ['a peer whose id cannot be read', [...NOBODY, 0x42, 4, 0x0a, 2, 0xff, 0xff]],
    ['a field that nobody knows', [...NOBODY, 0xa2, 6, 2, 1, 1]],
  ] as const) {
    it(`takes ${name} for an answer`, async () => {
      const diagnosis = await examineAnswering(saying(...bytes))
      assert.equal(kademliaOf(diagnosis), true, JSON.stringify(diagnosis, null, 1))
      assert.equal(diagnosis.healthy, true)
    })
  }

  for (const [name, answer] of [
    ['an empty message', saying()],
    ['another kind of message', saying(0x08, 5)],
    ['what is no message', saying(0x0f, 0xff, 0xff, 0xff)],
    ['a reset', async (stream) => stream.abort(new Error('no'))],
    ['silence', async () => {}],
  ] satisfies [string, (stream: Stream) => Promise<void>][]) {
    it(`takes ${name} for none, and names it as the cause`, async () => {
      const diagnosis = await examineAnswering(answer)
      assert.equal(diagnosis.sighting.cause, 'KADEMLIA_FAILED', JSON.stringify(diagnosis, null, 1))
      assert.equal(kademliaOf(diagnosis), false)
      assert.equal(diagnosis.healthy, false)
    })
  }

  it('goes on where identify fails, and says what works', async () => {
    const diagnosis = await examineAnswering(saying(...NOBODY), 'without identify')
    assert.equal(diagnosis.sighting.cause, 'IDENTIFY_FAILED')
    assert.deepEqual(
      diagnosis.checks.map(({ name, ok }) => [name, ok]),
      [
        ['dial', true],
        ['handshake', true],
        ['identify', false],
        ['kademlia', true],
        ['ping', true],
      ],
    )
  })
})
