import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'
import { describe, it } from 'node:test'

const ROOT = resolve(import.meta.dirname, '../../..')
const IMPORTED = /(?:from|import)\s*\(?\s*'([#.][^']+)'/g

/** By folder: the other folders that its files import. */
function importsOf(files: readonly string[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const file of files) {
    const folder = dirname(file)
    const others = found.get(folder) ?? new Set()
    for (const [, source = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(IMPORTED)) {
      const path = source.startsWith('#') ? source.slice(1) : normalize(join(folder, source))
      if (dirname(path) !== folder) others.add(dirname(path))
    }
    found.set(folder, others)
  }
  return found
}

describe('folders of sources', () => {
  it('never import each other', () => {
    const files = globSync(['node/**/*.ts', 'orchestrator/**/*.ts', 'scripts/**/*.ts'], {
      cwd: ROOT,
      exclude: (name) => name.includes('node_modules'),
    })
    const imports = importsOf(files)
    assert.ok(imports.size > 50)
    const pairs = [...imports].flatMap(([folder, others]) =>
      [...others]
        .filter((other) => folder < other && imports.get(other)?.has(folder) === true)
        .map((other) => `${folder} and ${other}`),
    )
    assert.deepEqual(pairs, [])
  })
})
