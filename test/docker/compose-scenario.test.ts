import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { startCommand } from '#test/support/nat-two-nodes.ts'

describe('the scenario compose-cluster on Docker', () => {
  it('holds, beside the networks of the cluster that it describes', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-compose-'))
    const words = ['scenario', 'compose-cluster', '--fabric', 'docker']
    const { status, stdout, stderr } = await startCommand(words, folder.path).ended
    assert.equal(status, 0, stdout + stderr)
    assert.doesNotMatch(stdout, /\b11\.210\.0\./)
  })
})
