import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryDatastore } from 'datastore-core'
import { ITEM_LIMITS } from '#node/config/item-limits.ts'
import { listKeys } from '#node/store/held-keys.ts'
import { recordKey } from '#node/store/items.ts'
import { createLocalRecords, type LocalRecords } from '#node/store/local-records.ts'
import { RECORD_TTL_MS } from '#node/store/record-room.ts'
import { plain } from '#test/node/store/plain.ts'
import { ManualClock } from '#test/support/manual-clock.ts'

/** In the order of their UTF-8 bytes, which is not that of UTF-16: U+FF5E comes before U+1F600. */
const KEYS = ['a', 'a/b', 'ab', 'b', 'ü', '\uff5e', '\u{1f600}']

function shelf(datastore = new MemoryDatastore()) {
  const clock = new ManualClock(1_700_000_000_000)
  const limits = { records: 100, bytes: 1_000_000, writesPerSecond: 1000 }
  const local = createLocalRecords({
    datastore,
    clock,
    place: new Uint8Array(32),
    plain: true,
    limits,
  })
  return { local, clock, datastore }
}

async function keep(local: LocalRecords, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await local.put(recordKey(key, ITEM_LIMITS), plain(Buffer.from(`value of ${key}`)), null)
  }
}

/** All keys, by pages of some size. */
async function listed(local: LocalRecords, limit: number): Promise<string[]> {
  const keys: string[] = []
  let after: string | null = ''
  while (after !== null) {
    const page = await listKeys({ local, items: ITEM_LIMITS }, { after, limit })
    assert.ok(page.keys.length <= limit)
    keys.push(...page.keys.map(({ key }) => key))
    after = page.next
  }
  return keys
}

describe('the keys that a node holds', () => {
  it('are listed in the order of their bytes, each once, in pages of any size', async () => {
    const { local } = shelf()
    await keep(local, KEYS.toReversed())
    for (const limit of [1, 2, 3, 6, 7, 8, 500]) {
      assert.deepEqual(await listed(local, limit), KEYS, `${limit}`)
    }
  })

  it('come with the size of their values, and with where the next page begins', async () => {
    const { local } = shelf()
    await keep(local, ['b', 'a', 'c'])
    const page = await listKeys({ local, items: ITEM_LIMITS }, { limit: 2 })
    const keys = [
      { key: 'a', valueBytes: 10 },
      { key: 'b', valueBytes: 10 },
    ]
    assert.deepEqual(page, { keys, next: 'b' })
    const behind = await listKeys({ local, items: ITEM_LIMITS }, { after: 'bb' })
    assert.deepEqual(behind, { keys: [{ key: 'c', valueBytes: 10 }], next: null })
    const none = await listKeys({ local, items: ITEM_LIMITS }, { after: 'c' })
    assert.deepEqual(none, { keys: [], next: null })
  })

  it('are those of an earlier start too, and none whose time is over', async () => {
    const { local, clock, datastore } = shelf()
    await keep(local, ['old'])
    await clock.advance(RECORD_TTL_MS)
    await keep(local, ['new'])
    await clock.advance(1)
    assert.deepEqual(await listed(local, 10), ['new'])
    const again = shelf(datastore)
    await again.clock.advance(RECORD_TTL_MS + 1)
    assert.deepEqual(await listed(again.local, 10), ['new'])
  })

  it('are none that this node would not take', async () => {
    const { local } = shelf()
    await keep(local, ['a', 'b'.repeat(20), 'c'])
    const items = { ...ITEM_LIMITS, keyBytes: 10 }
    const { keys, next } = await listKeys({ local, items }, { limit: 2 })
    assert.deepEqual([keys.map(({ key }) => key), next], [['a', 'c'], null])
    await assert.rejects(listKeys({ local, items }, { after: 'b'.repeat(20) }), {
      name: 'InvalidKeyError',
    })
  })
})
