import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, it } from 'node:test'
import { PATCHES } from '#node/patches/patches.ts'

const sources = globSync('node/**/*.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }))

/** True for a file of node/patches/ that imports `wrap` from beside it. */
function usesNeighbour(path: string, text: string): boolean {
  return path.startsWith('node/patches/') && text.includes("from './wrap.ts'")
}

describe('PATCHES', () => {
  it('has a row for each file that wraps a method of a stock library', () => {
    const wrapping = sources
      .filter(({ path, text }) => /patches\/wrap\.ts'/.test(text) || usesNeighbour(path, text))
      .map(({ path }) => path)
    const unlisted = wrapping.filter(
      (path) => !path.startsWith('node/patches/') || !(basename(path) in PATCHES),
    )
    assert.deepEqual(unlisted, [])
  })

  it('has no row without its file, here and upstream', () => {
    for (const [file, { package: name, upstream }] of Object.entries(PATCHES)) {
      assert.ok(existsSync(`node/patches/${file}`), file)
      assert.ok(existsSync(`node_modules/${name}/${upstream}`), `${name}/${upstream}`)
    }
  })

  it('is the one way in: private parts are typed by force in node/patches/ alone', () => {
    const forced = sources
      .filter(
        ({ path, text }) => !path.startsWith('node/patches/') && text.includes('as unknown as'),
      )
      .map(({ path }) => path)
    // The log's base is pino's.
    assert.deepEqual(forced.toSorted(), ['node/base/log.ts'])
  })
})
