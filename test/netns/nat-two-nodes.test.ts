import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { assertNatTwoNodes, startCommand } from '#test/support/nat-two-nodes.ts'

/** What must be the same wherever a scenario runs. */
function verdictsOf({ holds, variants }: Report): unknown {
  return {
    holds,
    variants: variants.map(({ name, cells }) => ({
      name,
      cells: cells.map(({ observer, target, rung, cause }) => ({ observer, target, rung, cause })),
    })),
  }
}

describe('the main job in namespaces', { timeout: 300_000 }, () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-netns-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  it('shows what the simulated network shows', async () => {
    const reports: Report[] = []
    for (const fabric of ['netns', 'sim']) {
      const words = ['scenario', 'nat-two-nodes', '--fabric', fabric, '--json', '--report', fabric]
      const { status, stdout, stderr } = await startCommand(words, directory).ended
      assert.equal(status, 0, stderr)
      reports.push(JSON.parse(stdout) as Report)
    }
    const [inNamespaces, simulated] = reports
    assert.ok(inNamespaces && simulated)
    assertNatTwoNodes(inNamespaces)
    assert.deepEqual(verdictsOf(inNamespaces), verdictsOf(simulated))
  })
})
