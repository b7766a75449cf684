import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { STOCK_TWO_NODES, standings, startCommand } from '#test/support/nat-two-nodes.ts'

describe('js-libp2p as it comes, in namespaces', { timeout: 300_000 }, () => {
  it('shows what it shows on the simulated network', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'kadlab-stock-'))
    const words = ['scenario', 'stock-two-nodes', '--fabric', 'netns', '--json', '--report', 'r']
    const { status, stdout, stderr } = await startCommand(words, directory.path).ended
    assert.equal(status, 0, stderr)
    assert.deepEqual(standings(JSON.parse(stdout) as Report), STOCK_TWO_NODES)
  })
})
