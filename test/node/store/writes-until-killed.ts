// Writes records into the store at a path, and says of each when it is kept; until it is killed.
import { LevelDatastore } from 'datastore-level'
import { placeOf } from '#node/kad/distance.ts'
import { createLocalRecords } from '#node/store/local-records.ts'
import { systemClock } from '#node/time/clock.ts'
import { plain } from '#test/node/store/plain.ts'

const [path = ''] = process.argv.slice(2)
const datastore = new LevelDatastore(path)
await datastore.open()
const records = createLocalRecords({
  datastore,
  clock: systemClock,
  place: placeOf(Buffer.from('this node')),
  limits: { records: 10_000, bytes: 100_000_000, writesPerSecond: 100_000 },
  plain: true,
})
for (let index = 0; ; index += 1) {
  await records.put(Buffer.from(`/kv/${index}`), plain(Buffer.from(`${index} `.repeat(20))), null)
  process.stdout.write(`${index}\n`)
}
