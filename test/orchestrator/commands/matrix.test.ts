import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { axesOf } from '#orchestrator/commands/matrix.ts'
import type { GridReport } from '#orchestrator/picture/grid.ts'
import { startCommand } from '#test/support/nat-two-nodes.ts'

const words = { nat: [], announce: 'none,public', mode: 'server,client', fabric: 'sim' }

describe('the words of the matrix command', () => {
  it('mean both nodes, or A and then B', () => {
    const once = axesOf({ ...words, nat: ['public, cgnat'] })
    assert.deepEqual(
      [once.natA, once.natB],
      [
        ['public', 'cgnat'],
        ['public', 'cgnat'],
      ],
    )
    const twice = axesOf({ ...words, nat: ['public', 'cgnat,symmetric,cgnat'] })
    assert.deepEqual([twice.natA, twice.natB], [['public'], ['cgnat', 'symmetric']])
    assert.equal(axesOf(words).natA.length, 8)
  })

  it('are refused where they are none of their axis', () => {
    const wrong = { name: 'UsageError' }
    assert.throws(() => axesOf({ ...words, nat: ['symetric'] }), {
      ...wrong,
      message: /--nat: expected public, .* saw 'symetric'.*symmetric/,
    })
    assert.throws(() => axesOf({ ...words, nat: ['public', 'public', 'public'] }), wrong)
    assert.throws(() => axesOf({ ...words, announce: '' }), wrong)
    assert.throws(() => axesOf({ ...words, mode: 'auto' }), wrong)
    assert.throws(() => axesOf({ ...words, fabric: 'moon' }), wrong)
  })
})

describe('the matrix command', () => {
  it('prints a grid, and writes it as a page and as data', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-matrix-'))
    const words = ['matrix', '--nat', 'public,one-to-one', '--mode', 'server', '--announce', 'none']
    const { status, stdout, stderr } = await startCommand(words, folder.path).ended
    assert.equal(status, 0, stderr)
    assert.match(stdout, /nobody announces a public address, B is a server, on sim/)
    assert.match(stdout, /^grid reports\/grid\/grid\.html$/m)
    const read = (name: string): Promise<string> =>
      readFile(join(folder.path, 'reports/grid', name), 'utf8')
    const report = JSON.parse(await read('grid.json')) as GridReport
    assert.equal(report.cells.length, 4)
    assert.match(await read('grid.html'), /id="grid">\{"schema":"kadlab\.grid\/1"/)
  })

  it('prints nothing but JSON where that is asked for, and refuses what is none', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-matrix-'))
    const few = ['matrix', '--nat', 'public', '--mode', 'client', '--announce', 'none', '--json']
    const { stdout } = await startCommand(few, folder.path).ended
    assert.equal((JSON.parse(stdout) as GridReport).cells[0]?.bAtA?.cause, 'CLIENT_MODE')
    const { status } = await startCommand(['matrix', '--nat', 'nat'], folder.path).ended
    assert.equal(status, 2)
  })
})
