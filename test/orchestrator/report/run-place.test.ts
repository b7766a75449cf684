import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, readdir, readlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { publishRun, runFolderName } from '#orchestrator/report/run-place.ts'

describe('the folders of runs', () => {
  it('have names that sort by time, and never one name twice', () => {
    const [early, late] = [
      new Date('2026-01-02T03:04:05.006Z'),
      new Date('2026-01-02T03:04:05.007Z'),
    ]
    assert.match(runFolderName(early), /^2026-01-02T03-04-05-006Z-[0-9a-f]{4}$/)
    assert.ok(runFolderName(early) < runFolderName(late))
    const names = new Set(Array.from({ length: 20 }, () => runFolderName(early)))
    assert.ok(names.size > 15)
  })

  it('are linked to as the latest, and the oldest ones go; what is not a run’s stays', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-place-'))
    const names = [1, 2, 3, 4].map((second) => `2026-01-02T03-04-0${second}-000Z-0000`)
    for (const name of [...names, 'mine', 'logs']) await mkdir(join(folder.path, name))
    await writeFile(join(folder.path, 'report.json'), '{}')
    const [, , third = '', newest = ''] = names
    await publishRun(folder.path, join(folder.path, third), 3)
    const link = await publishRun(folder.path, join(folder.path, newest), 2)
    assert.equal(await readlink(link), newest)
    assert.deepEqual((await readdir(folder.path)).toSorted(), [third, newest, 'latest', 'mine'])
  })

  it('never lose the run that was just made, however few are kept', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-place-'))
    const names = [1, 2].map((second) => `2026-01-02T03-04-0${second}-000Z-0000`)
    for (const name of names) await mkdir(join(folder.path, name))
    await publishRun(folder.path, join(folder.path, names[0] ?? ''), 1)
    assert.ok((await readdir(folder.path)).includes(names[0] ?? ''))
  })
})
