import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isMadeFromSources, noteSources } from '../../scripts/made-from.mjs'

/** A checkout of one source and one folder whose entries count, noted as made. */
async function made(): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-made-'))
  await writeFile(join(folder.path, 'source.ts'), 'one')
  await mkdir(join(folder.path, 'scenarios'))
  noteSources(folder.path, ['source.ts', 'scenarios'])
  return folder
}

const CHANGES: Record<string, (root: string) => Promise<void>> = {
  'another text': (root) => writeFile(join(root, 'source.ts'), 'another'),
  'the same size, at another time': (root) => utimes(join(root, 'source.ts'), 1, 1),
  'a source that is gone': (root) => rm(join(root, 'source.ts')),
  'one more entry in a folder of which each counts': (root) =>
    writeFile(join(root, 'scenarios/mine.yaml'), ''),
}

describe('what was made of the sources', () => {
  it('counts while they are as they were', async () => {
    await using root = await made()
    assert.equal(isMadeFromSources(root.path), true)
    await writeFile(join(root.path, 'beside.txt'), 'reports and the like come and go')
    assert.equal(isMadeFromSources(root.path), true)
  })

  for (const [what, change] of Object.entries(CHANGES)) {
    it(`counts no more after ${what}`, async () => {
      await using root = await made()
      await change(root.path)
      assert.equal(isMadeFromSources(root.path), false)
    })
  }

  it('does not count where nobody noted it', async () => {
    await using root = await mkdtempDisposable(join(tmpdir(), 'kadlab-made-'))
    assert.equal(isMadeFromSources(root.path), false)
  })
})
