import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtempDisposable, readdir, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { removeUnfinished, unfinishedName } from '#orchestrator/report/unfinished.ts'

describe('what killed runs left of reports', () => {
  it('goes, but not what somebody writes or may write, and nothing else', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-unfinished-'))
    const { pid: dead } = spawnSync(process.execPath, ['-e', ''])
    const own = unfinishedName('report', '0a0b0c0d')
    const old = new Date(Date.now() - 3_600_000)
    for (const [name, touched] of [
      [`report.part-${dead}-00000001`, old],
      [`report.part-${dead}-00000002`, new Date()],
      [own, old],
      ['report.part-of-something-else', old],
      ['report', old],
    ] as const) {
      await mkdir(join(folder.path, name))
      await utimes(join(folder.path, name), touched, touched)
    }
    await removeUnfinished(join(folder.path, 'report'))
    assert.deepEqual(
      (await readdir(folder.path)).toSorted(),
      ['report', `report.part-${dead}-00000002`, own, 'report.part-of-something-else'].toSorted(),
    )
  })

  it('keeps nobody from writing where there is no folder yet', async () => {
    await removeUnfinished('/nowhere/at/all/report')
  })
})
