import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { sourcesFolder } from '../../../../scripts/pack/bundle/sources-folder.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')

/** Where a program bundled into `folder` finds its sources, and may build. */
async function foldersOf(folder: string): Promise<{ SOURCES: string; BUILT_IN: string }> {
  const outfile = join(folder, 'dist/programs/entry.mjs')
  await build({
    entryPoints: [join(ROOT, 'node/base/sources.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    plugins: [sourcesFolder],
  })
  return (await import(pathToFileURL(outfile).href)) as { SOURCES: string; BUILT_IN: string }
}

describe('a bundled program', () => {
  it('builds in the checkout around it, where what is built is kept and packed by nobody', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-bundled-'))
    const source = join(folder.path, 'node/base/sources.ts')
    await mkdir(dirname(source), { recursive: true })
    await writeFile(source, '')
    const { SOURCES, BUILT_IN } = await foldersOf(folder.path)
    assert.equal(SOURCES, join(folder.path, 'dist/sources'))
    assert.equal(BUILT_IN, folder.path)
  })

  it('builds in its own sources where it is a package', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-bundled-'))
    assert.equal((await foldersOf(folder.path)).BUILT_IN, join(folder.path, 'dist/sources'))
  })
})
