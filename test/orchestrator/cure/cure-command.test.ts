import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startCommand } from '#test/support/nat-two-nodes.ts'
import { readReport } from '#test/support/report-json.ts'

const TWO = `
name: two
title: One that can be cured and one that cannot
sites: { net: { nat: public }, home: { nat: port-restricted }, mobile: { nat: cgnat } }
nodes:
  S: { site: net }
  A: { site: home, bootstrap: [S], env: { KAD_MODE: auto } }
  B: { site: mobile, bootstrap: [S] }
`

describe('scenario --cure', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-cure-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  it('applies remedies, runs again, and says what it cured and what nothing cures', async () => {
    await writeFile(join(directory, 'two.yaml'), TWO)
    const words = ['scenario', 'two.yaml', '--fabric', 'sim', '--cure']
    const { status, stdout, stderr } = await startCommand(words, directory).ended
    assert.equal(status, 0, stderr)
    assert.match(stdout, /cannot be cured: B is behind a carrier/)
    const report = await readReport(join(directory, 'reports/two-sim/latest/report.json'))
    const [cure] = report.cures ?? []
    assert.equal(cure?.rounds[0]?.name, 'cured-1')
    assert.deepEqual(
      cure?.rounds.flatMap(({ worse }) => worse),
      [],
    )
    const left = cure?.left.map(({ observer, target, why }) => [target, observer, why === null])
    assert.deepEqual(left, [
      ['B', 'S', false],
      ['B', 'A', false],
    ])
    const last = report.variants.find(({ name }) => name === cure?.rounds.at(-1)?.name)
    const standing = last?.cells.find(({ observer, target }) => observer === 'S' && target === 'A')
    assert.equal(standing?.rung, 'dialable')
  })
})
