import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { packedModule } from '../../../../scripts/pack/bundle/packed-prefixes.ts'

const require = createRequire(import.meta.url)
const kadDht = join(dirname(require.resolve('@libp2p/kad-dht')), 'routing-table')

describe("kad-dht's prefixes in the bundle", () => {
  it('are the very numbers of the library, and nothing beyond them', async () => {
    const list = pathToFileURL(join(kadDht, 'generated-prefix-list.js')).href
    const { default: original } = (await import(list)) as { default: number[] }
    const source = Buffer.from(packedModule(original)).toString('base64')
    const { default: packed } = (await import(`data:text/javascript;base64,${source}`)) as {
      default: number[]
    }
    assert.equal(original.length, 65_536)
    for (const [index, value] of original.entries()) assert.equal(packed[index], value)
    assert.equal(packed[65_536], undefined)
    assert.equal(packed[-1], undefined)
  })

  it('are asked for by index, which is all that the packed list answers to', async () => {
    const { readFile } = await import('node:fs/promises')
    const refresh = await readFile(join(kadDht, 'refresh.js'), 'utf8')
    const uses = refresh.match(/GENERATED_PREFIXES\b(?!\s+from)/g) ?? []
    assert.deepEqual(uses.length, refresh.match(/GENERATED_PREFIXES\[/g)?.length)
  })
})
