import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { makeFolder } from '#orchestrator/report/make-folder.ts'

describe('the folder of a report', () => {
  it('is made with all above it, twice at once too', async () => {
    await using place = await mkdtempDisposable(join(tmpdir(), 'kadlab-folder-'))
    const path = join(place.path, 'one/two/three')
    await Promise.all([makeFolder(path), makeFolder(path)])
    assert.ok(existsSync(path))
  })

  it('is not where a file stands above it', async () => {
    await using place = await mkdtempDisposable(join(tmpdir(), 'kadlab-folder-'))
    await writeFile(join(place.path, 'file'), '')
    await assert.rejects(makeFolder(join(place.path, 'file/one')), { code: 'EEXIST' })
  })

  it('ends where no folder can ever be made', { skip: !existsSync('/proc/self') }, async () => {
    await assert.rejects(makeFolder('/proc/kadlab/one'), { code: 'ENOENT' })
  })
})
