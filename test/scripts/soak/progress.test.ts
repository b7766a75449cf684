import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Progress } from '../../../scripts/soak/progress.ts'

describe('the progress of a soak', () => {
  it('goes on behind the last seed, and knows those that broke', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-progress-'))
    const path = join(folder.path, 'progress.json')
    const first = new Progress(path, { of: '--steps 60', from: 5 })
    assert.equal(first.next, 5)
    first.done(5, false)
    first.done(6, true)
    const second = new Progress(path, { of: '--steps 60', from: 5 })
    assert.deepEqual([second.next, second.broken], [7, [6]])
    assert.throws(() => new Progress(path, { of: '--steps 10', from: 5 }), /is of another soak/)
    writeFileSync(path, '{"next":')
    assert.throws(() => new Progress(path, { of: '--steps 60', from: 5 }), {
      name: 'ProgressFileError',
    })
  })

  it('is kept nowhere without a file', () => {
    const progress = new Progress(null, { of: '', from: 1 })
    progress.done(1, true)
    assert.deepEqual([progress.next, progress.broken], [2, [1]])
  })
})
