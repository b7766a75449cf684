import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { compareDistance, placeOf } from '#node/kad/distance.ts'
import { createLocalRecords } from '#node/store/local-records.ts'
import { RECORD_TTL_MS, type RecordLimits } from '#node/store/record-room.ts'
import { plain } from '#test/node/store/plain.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const OWN = placeOf(utf8('this node'))

/** Record keys, closest to this node first. */
const KEYS = Array.from({ length: 30 }, (_, index) => utf8(`/kv/${index}`)).toSorted((one, other) =>
  compareDistance(OWN, placeOf(one), placeOf(other)),
)
const key = (index: number): Uint8Array => KEYS[index] ?? assert.fail()

function shelf(limits: Partial<RecordLimits> = {}, datastore = new MemoryDatastore()) {
  const clock = new ManualClock(1_700_000_000_000)
  const some = { records: 10, bytes: 1_000_000, writesPerSecond: 1000, ...limits }
  const local = createLocalRecords({ datastore, clock, place: OWN, plain: true, limits: some })
  const refused: string[] = []
  local.onRefused((why) => refused.push(why))
  return { local, clock, datastore, refused }
}

async function diskFull(): Promise<never> {
  throw new Error('no space left on device')
}

describe('the records of a node', () => {
  it('are kept and given back, and counted once however often they are put', async () => {
    const { local } = shelf()
    assert.equal(await local.get(key(0)), null)
    await local.put(key(0), plain(utf8('one')), 'b')
    await local.put(key(0), plain(utf8('other')), 'c')
    assert.equal(String(Buffer.from((await local.get(key(0)))?.bytes ?? [])), 'other')
    assert.equal(await local.count(), 1)
  })

  it('are asked of the database where it has them alone, once it is known what it has', async () => {
    const { local, datastore } = shelf()
    const asked: string[] = []
    const get = datastore.get.bind(datastore)
    datastore.get = (each) => {
      asked.push(each.toString())
      return get(each)
    }
    await local.get(key(0))
    assert.equal(asked.length, 1)
    await local.put(key(1), plain(utf8('one')), 'b')
    await local.put(key(2), plain(utf8('two')), 'b')
    asked.length = 0
    assert.equal(await local.get(key(0)), null)
    await local.put(key(3), plain(utf8('three')), 'b')
    assert.deepEqual(asked, [])
    assert.notEqual(await local.get(key(1)), null)
    assert.equal(asked.length, 1)
  })

  it('that are closer take the place of the farthest where there are as many as may be', async () => {
    const { local, refused } = shelf({ records: 10 })
    for (let index = 29; index >= 15; index -= 1) await local.put(key(index), plain(utf8('v')), 'b')
    assert.equal(await local.count(), 10)
    await assert.rejects(local.put(key(29), plain(utf8('v')), 'b'), { name: 'StoreFullError' })
    for (let index = 0; index < 10; index += 1) await local.put(key(index), plain(utf8('v')), 'b')
    for (let index = 0; index < 30; index += 1) {
      assert.equal((await local.get(key(index))) !== null, index < 10, `${index}`)
    }
    await assert.rejects(local.put(key(10), plain(utf8('v')), null), { name: 'StoreFullError' })
    await local.put(key(9), plain(utf8('again')), 'b')
    assert.deepEqual(refused, ['full', 'full'])
  })

  it('never come to more bytes than may be, also where many come at once', async () => {
    const { local } = shelf({ records: 1000, bytes: 1000 })
    const puts = KEYS.map((each) => local.put(each, plain(new Uint8Array(90)), 'b'))
    const done = (await Promise.allSettled(puts)).filter(({ status }) => status === 'fulfilled')
    assert.equal(await local.count(), 10)
    assert.ok(done.length >= 10)
    await assert.rejects(local.put(key(0), plain(new Uint8Array(2000)), 'b'), {
      name: 'StoreFullError',
    })
    assert.notEqual(await local.get(key(1)), null)
  })

  it('are refused of a peer that writes too many a second, and of nobody else', async () => {
    const { local, clock, refused } = shelf({ writesPerSecond: 5 })
    for (let count = 0; count < 5; count += 1) await local.put(key(0), plain(utf8('v')), 'b')
    await assert.rejects(local.put(key(0), plain(utf8('v')), 'b'), { name: 'TooManyWritesError' })
    await local.put(key(0), plain(utf8('v')), 'c')
    for (let count = 0; count < 20; count += 1) await local.put(key(0), plain(utf8('v')), null)
    await clock.advance(400)
    await local.put(key(0), plain(utf8('v')), 'b')
    await local.put(key(0), plain(utf8('v')), 'b')
    await assert.rejects(local.put(key(0), plain(utf8('v')), 'b'), { name: 'TooManyWritesError' })
    assert.deepEqual(refused, ['too-many-writes', 'too-many-writes'])
  })

  it('make room when they are over, before one that is not is refused or gives way', async () => {
    const { local, clock } = shelf({ records: 2 })
    await local.put(key(0), plain(utf8('v')), 'b')
    await clock.advance(1000)
    await local.put(key(1), plain(utf8('v')), 'b')
    await clock.advance(RECORD_TTL_MS)
    // Farther than both: without the room of the one that is over it would be refused.
    await local.put(key(2), plain(utf8('v')), 'b')
    assert.notEqual(await local.get(key(1)), null)
    assert.equal(await local.count(), 2)
  })

  it('take no room where they could not be written', async () => {
    const datastore = new MemoryDatastore()
    const { local } = shelf({ records: 1 }, datastore)
    const put = datastore.put.bind(datastore)
    datastore.put = () => {
      throw new Error('the disk is full')
    }
    await assert.rejects(local.put(key(1), plain(utf8('v')), 'b'), /the disk is full/)
    assert.equal(await local.count(), 0)
    datastore.put = put
    await local.put(key(2), plain(utf8('v')), 'b')
    assert.equal(await local.count(), 1)
  })

  it('are refused with a clear reason where the disk is full, and what is over is not given', async () => {
    const { local, clock, datastore } = shelf()
    await local.put(key(0), plain(utf8('v')), 'b')
    datastore.put = diskFull
    datastore.delete = diskFull
    await assert.rejects(local.put(key(1), plain(utf8('v')), null), {
      name: 'StoreFullError',
      message: /database cannot be written: .*no space left on device.*what is held stays served/s,
    })
    assert.notEqual(await local.get(key(0)), null)
    await clock.advance(RECORD_TTL_MS + 1)
    assert.equal(await local.get(key(0)), null)
  })

  it('are counted as long as they are served, also where they could not all be deleted', async () => {
    const datastore = new MemoryDatastore()
    const { local } = shelf({ records: 100, bytes: 1000 }, datastore)
    const far = [20, 21, 22, 23]
    for (const index of far) await local.put(key(index), plain(new Uint8Array(200)), 'b')
    const remove = datastore.delete.bind(datastore)
    let deleted = 0
    datastore.delete = (each) => {
      deleted += 1
      if (deleted === 2) throw new Error('the disk is gone')
      return remove(each)
    }
    // It needs the room of three: the first of them goes, the second cannot.
    await assert.rejects(local.put(key(0), plain(new Uint8Array(700)), 'b'), /the disk is gone/)
    const served = await Promise.all([...far, 0].map(async (index) => local.get(key(index))))
    assert.equal(served.filter((value) => value !== null).length, 3)
    assert.equal(await local.count(), 3)
    await local.put(key(0), plain(new Uint8Array(700)), 'b')
    assert.equal(await local.count(), 2)
    assert.equal(await local.get(key(21)), null)
  })

  it('keep their age where they could not be written again', async () => {
    const datastore = new MemoryDatastore()
    const { local, clock } = shelf({ records: 2 }, datastore)
    await local.put(key(0), plain(utf8('v')), 'b')
    await clock.advance(1000)
    await local.put(key(1), plain(utf8('v')), 'b')
    const put = datastore.put.bind(datastore)
    datastore.put = () => {
      throw new Error('the disk is full')
    }
    await assert.rejects(local.put(key(0), plain(utf8('again')), 'b'), /the disk is full/)
    datastore.put = put
    assert.equal(String(Buffer.from((await local.get(key(0)))?.bytes ?? [])), 'v')
    // The first one is over, the other one is not: there is room for one that is farther than both.
    await clock.advance(RECORD_TTL_MS)
    await local.put(key(2), plain(utf8('v')), 'b')
    assert.notEqual(await local.get(key(1)), null)
    assert.equal(await local.count(), 2)
  })

  it('take no room where several writes of one key fail at once', async () => {
    const datastore = new MemoryDatastore()
    const { local } = shelf({}, datastore)
    datastore.put = async () => Promise.reject(new Error('the disk is full'))
    const puts = ['one', 'two', 'three'].map((value) => local.put(key(0), plain(utf8(value)), 'b'))
    for (const { status } of await Promise.allSettled(puts)) assert.equal(status, 'rejected')
    assert.equal(await local.count(), 0)
    assert.equal(await local.get(key(0)), null)
  })

  it('are there where one is put again while it gives way to another', async () => {
    const datastore = new MemoryDatastore()
    const { local } = shelf({ records: 1 }, datastore)
    await local.put(key(5), plain(utf8('old')), 'b')
    const remove = datastore.delete.bind(datastore)
    const asked = Promise.withResolvers<void>()
    const gone = Promise.withResolvers<void>()
    datastore.delete = async (each) => {
      asked.resolve()
      await gone.promise
      return remove(each)
    }
    const closer = local.put(key(1), plain(utf8('v')), 'b')
    await asked.promise
    await assert.rejects(local.put(key(5), plain(utf8('new')), 'b'), { name: 'StoreFullError' })
    const closest = local.put(key(0), plain(utf8('v')), 'b')
    gone.resolve()
    await Promise.all([closer, closest])
    const found = await Promise.all([0, 1, 5].map(async (index) => local.get(key(index))))
    assert.deepEqual(
      found.map((value) => value !== null),
      [true, false, false],
    )
    assert.equal(await local.count(), 1)
  })

  it('are found again at a start, but for those that are over or cannot be read', async () => {
    const datastore = new MemoryDatastore()
    const { local, clock } = shelf({}, datastore)
    await local.put(key(0), plain(utf8('old')), 'b')
    await clock.advance(RECORD_TTL_MS)
    await local.put(key(1), plain(utf8('new')), 'b')
    await datastore.put(new Key('/dht/record/garbage'), Uint8Array.of(0xff, 0xff, 0xff))
    const again = shelf({}, datastore)
    await again.clock.advance(RECORD_TTL_MS + 1)
    assert.equal(await again.local.count(), 1)
    await again.local.put(key(2), plain(utf8('v')), 'b')
    assert.equal(await again.local.count(), 2)
  })

  it('can be put again once a database that failed answers', async () => {
    const datastore = new MemoryDatastore()
    const { local } = shelf({}, datastore)
    const query = datastore.query.bind(datastore)
    datastore.query = () => {
      throw new Error('the database is closed')
    }
    await assert.rejects(local.put(key(0), plain(utf8('v')), 'b'), /the database is closed/)
    datastore.query = query
    await local.put(key(0), plain(utf8('v')), 'b')
    assert.equal(await local.count(), 1)
  })

  it('are over two days after they were last put', async () => {
    const { local, clock } = shelf()
    await local.put(key(0), plain(utf8('v')), 'b')
    await local.put(key(1), plain(utf8('v')), 'b')
    await clock.advance(RECORD_TTL_MS)
    await local.put(key(1), plain(utf8('v')), 'b')
    assert.notEqual(await local.get(key(0)), null)
    await clock.advance(1)
    assert.equal(await local.get(key(0)), null)
    assert.notEqual(await local.get(key(1)), null)
    assert.equal(await local.count(), 1)
  })

  it('of an earlier start count too', async () => {
    const { local, datastore } = shelf({ records: 3 })
    for (let index = 0; index < 3; index += 1)
      await local.put(key(index + 5), plain(utf8('v')), 'b')
    const again = shelf({ records: 3 }, datastore)
    assert.equal(await again.local.count(), 3)
    await assert.rejects(again.local.put(key(20), plain(utf8('v')), 'b'), {
      name: 'StoreFullError',
    })
    await again.local.put(key(0), plain(utf8('v')), 'b')
    assert.equal(await again.local.get(key(7)), null)
    assert.notEqual(await again.local.get(key(5)), null)
  })
})
