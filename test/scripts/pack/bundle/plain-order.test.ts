import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { plainlyOrdered } from '../../../../scripts/pack/bundle/plain-order.ts'

const store = dirname(createRequire(import.meta.url).resolve('@libp2p/peer-store'))

describe("peer-store's order in the bundle", () => {
  it('asks no language', async () => {
    const source = await readFile(join(store, 'utils/to-peer-pb.js'), 'utf8')
    assert.match(source, /localeCompare/)
    assert.doesNotMatch(plainlyOrdered(source), /localeCompare/)
  })

  it('is that of the code units', () => {
    const made = plainlyOrdered('(a, b) => a.localeCompare(b)')
    // oxlint-disable-next-line no-eval -- what the bundle runs is what has to be tried
    const compare = (0, eval)(made) as (a: string, b: string) => number
    assert.deepEqual(['b', 'a', 'a', 'B', 'ä'].toSorted(compare), ['B', 'a', 'a', 'b', 'ä'])
  })

  it('is not made where the library has changed', () => {
    assert.throws(() => plainlyOrdered('a.compare(b)'), /see whether it still sorts by language/)
  })
})
