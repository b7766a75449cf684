import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import type { PeerId } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { compareDistance, placeOf } from '#node/kad/distance.ts'
import { limitProviders, type ProviderRecords } from '#node/store/provider-records.ts'
import { RECORD_TTL_MS } from '#node/store/record-room.ts'
import { newPeerId } from '#test/node/fake-libp2p.ts'
import { createLoopbackPeer, type LoopbackPeer } from '#test/node/store/loopback-peer.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

const signal = new AbortController().signal

interface Shelf extends AsyncDisposable {
  records: ProviderRecords
  clock: ManualClock
  peer: LoopbackPeer
  refused: string[]
  /** Keys, closest to the node first. */
  cids: CID[]
  add: (index: number, provider: PeerId) => Promise<void>
  /** Which of the keys, by index, have a provider here. */
  provided: () => Promise<number[]>
}

async function shelf(
  limits: { records?: number; writesPerSecond?: number } = {},
  inside = createLoopbackPeer(1),
): Promise<Shelf> {
  const peer = await inside
  const clock = new ManualClock(Date.now())
  const place = placeOf(peer.peerId.toMultihash().bytes)
  const all = { records: 3, writesPerSecond: 1000, ...limits }
  const records = limitProviders({ kad: peer.kad, clock, place, limits: all })
  const refused: string[] = []
  records.onRefused((why) => refused.push(why))
  const cids = Array.from({ length: 8 }, (_, index) => cidOf(`${index}`)).toSorted((one, other) =>
    compareDistance(place, placeOf(one.multihash.bytes), placeOf(other.multihash.bytes)),
  )
  const cid = (index: number): CID => cids[index] ?? assert.fail()
  const providersOf = async (each: CID) => peer.kad.providers.getProviders(each, { signal })
  return {
    records,
    clock,
    peer,
    refused,
    cids,
    add: async (index, provider) =>
      peer.kad.providers.addProvider(cid(index), provider, { signal }),
    provided: async () => {
      const found = await Promise.all(cids.map(providersOf))
      return found.flatMap((providers, index) => (providers.length === 0 ? [] : [index]))
    },
    [Symbol.asyncDispose]: async () => peer.stop(),
  }
}

function cidOf(text: string): CID {
  return CID.createV1(0x55, createDigest(0x12, createHash('sha256').update(text).digest()))
}

describe('the provider records of a node', () => {
  it('of closer keys take the place of the farthest where there are as many as may be', async () => {
    await using held = await shelf()
    const provider = await newPeerId()
    for (const index of [4, 5, 6]) await held.add(index, provider)
    await assert.rejects(held.add(7, provider), { name: 'StoreFullError' })
    await held.add(6, provider)
    for (const index of [0, 1]) await held.add(index, provider)
    assert.deepEqual(await held.provided(), [0, 1, 4])
    assert.deepEqual([await held.records.count(), held.refused], [3, ['full']])
  })

  it('count by provider, and what the node provides itself does not count', async () => {
    await using held = await shelf({ records: 2 })
    for (const index of [3, 7]) await held.add(index, held.peer.peerId)
    assert.equal(await held.records.count(), 0)
    const providers = [await newPeerId(), await newPeerId(), await newPeerId()]
    const added = providers.map(async (provider) => held.add(5, provider))
    const done = await Promise.allSettled(added)
    assert.deepEqual(
      done.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected'],
    )
    assert.equal(await held.records.count(), 2)
    assert.deepEqual(await held.provided(), [3, 5, 7])
  })

  it('are found again at a start, but for those that are over', async () => {
    await using first = await shelf()
    const provider = await newPeerId()
    for (const index of [0, 1, 2]) await first.add(index, provider)
    const other = await createLoopbackPeer(1)
    for await (const { key, value } of first.peer.kad.components.datastore.query({
      prefix: '/dht/provider/',
    })) {
      await other.kad.components.datastore.put(key, value)
    }
    await using again = await shelf({}, Promise.resolve(other))
    assert.equal(await again.records.count(), 3)
    await assert.rejects(again.add(7, provider), { name: 'StoreFullError' })
    await again.clock.advance(RECORD_TTL_MS + 60_000)
    await again.add(7, provider)
    assert.deepEqual([await again.provided(), await again.records.count()], [[7], 1])
  })

  it('are refused of a peer that writes too many a second, and of nobody else', async () => {
    await using held = await shelf({ records: 100, writesPerSecond: 2 })
    const [one, other] = [await newPeerId(), await newPeerId()]
    for (const index of [0, 1]) await held.add(index, one)
    await assert.rejects(held.add(2, one), { name: 'TooManyWritesError' })
    await held.add(2, other)
    assert.deepEqual(held.refused, ['too-many-writes'])
  })

  it('have no keys that are longer than any hash', async () => {
    await using held = await shelf()
    const long = CID.createV1(0x55, createDigest(0, new Uint8Array(200)))
    const provider = await newPeerId()
    await assert.rejects(held.peer.kad.providers.addProvider(long, provider, { signal }), {
      name: 'InvalidKeyError',
    })
    assert.equal(await held.records.count(), 0)
  })

  it('are counted as long as they are there, also where they could not be deleted', async () => {
    await using held = await shelf({ records: 1 })
    const { datastore } = held.peer.kad.components
    const provider = await newPeerId()
    await held.add(5, provider)
    const remove = datastore.delete.bind(datastore)
    datastore.delete = () => {
      throw new Error('the disk is gone')
    }
    await assert.rejects(held.add(1, provider), /the disk is gone/)
    assert.deepEqual([await held.provided(), await held.records.count()], [[5], 1])
    datastore.delete = remove
    await held.add(1, provider)
    assert.deepEqual(await held.provided(), [1])
  })
})
