import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtempDisposable, readdir, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { LevelDatastore } from 'datastore-level'
import { placeOf } from '#node/kad/distance.ts'
import { createLocalRecords, type LocalRecords } from '#node/store/local-records.ts'
import { systemClock } from '#node/time/clock.ts'
import { plain } from '#test/node/store/plain.ts'

const WRITER = new URL('writes-until-killed.ts', import.meta.url).pathname
const key = (index: number): Uint8Array => Buffer.from(`/kv/${index}`)
const value = (index: number): string => `${index} `.repeat(20)

function recordsIn(datastore: LevelDatastore): LocalRecords {
  return createLocalRecords({
    datastore,
    clock: systemClock,
    place: placeOf(Buffer.from('this node')),
    limits: { records: 10_000, bytes: 100_000_000, writesPerSecond: 100_000 },
    plain: true,
  })
}

/** Opens a store, and returns what is under the first keys: values, or null. */
async function reopened(path: string, count: number): Promise<(string | null)[]> {
  const datastore = new LevelDatastore(path)
  await datastore.open()
  try {
    const records = recordsIn(datastore)
    const found: (string | null)[] = []
    for (let index = 0; index < count; index += 1) {
      const held = await records.get(key(index))
      found.push(held === null ? null : Buffer.from(held.bytes).toString())
    }
    // It takes more, also where the last write was torn.
    await records.put(key(count), plain(Buffer.from('after')), null)
    assert.ok((await records.count()) > found.filter((each) => each !== null).length)
    return found
  } finally {
    await datastore.close()
  }
}

describe('a store on a disk', () => {
  it('opens wherever its last write was torn, with all that was written before', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-torn-'))
    const whole = join(folder.path, 'whole')
    const datastore = new LevelDatastore(whole)
    await datastore.open()
    const records = recordsIn(datastore)
    const count = 6
    for (let index = 0; index < count; index += 1) {
      await records.put(key(index), plain(Buffer.from(value(index))), null)
    }
    await datastore.close()
    const log = (await readdir(whole)).find((name) => name.endsWith('.log')) ?? assert.fail()
    const { size } = await stat(join(whole, log))
    assert.ok(size > count * value(0).length)
    let before = 0
    for (let length = 0; length <= size; length += 13) {
      const path = join(folder.path, `torn-${length}`)
      await cp(whole, path, { recursive: true })
      await truncate(join(path, log), length)
      const found = await reopened(path, count)
      const kept = found.filter((each) => each !== null).length
      // Those that were written first, each as it was.
      const wanted = found.map((_, index) => (index < kept ? value(index) : null))
      assert.deepEqual(found, wanted, `${length} of ${size} bytes`)
      assert.ok(kept >= before)
      before = kept
    }
    assert.ok(before >= count - 1)
  })

  it('has every record that it said was kept when its process is killed', async () => {
    for (const kept of [1, 7, 40]) {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-killed-'))
      const child = spawn(process.execPath, [WRITER, folder.path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exited = once(child, 'exit')
      let written = 0
      for await (const line of createInterface({ input: child.stdout })) {
        written = Number(line) + 1
        // It goes on writing: the signal comes at whatever moment of a put.
        if (written >= kept) child.kill('SIGKILL')
      }
      const [, signal] = (await exited) as [number | null, string | null]
      assert.equal(signal, 'SIGKILL')
      assert.ok(written >= kept)
      const found = await reopened(folder.path, written)
      assert.deepEqual(
        found,
        found.map((_, index) => value(index)),
      )
    }
  })
})
