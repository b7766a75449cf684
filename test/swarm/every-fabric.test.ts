import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { FABRIC_NAMES, type FabricName } from '#orchestrator/scenario/fabrics.ts'
import { assertNatTwoNodes, standings, startCommand } from '#test/support/nat-two-nodes.ts'
import { ENGINES_FILE, leftBy } from './engines.ts'

/** What must not depend on the ground that a scenario runs on. */
function outcome(report: Report) {
  return {
    holds: report.holds,
    standings: standings(report),
    expectations: report.variants.map(({ expectations }) =>
      expectations.map(({ text, holds }) => [text, holds]),
    ),
    // Which addresses a lab has depends on which were free.
    remedies: report.variants.map(({ cells }) =>
      cells.map(({ remedy }) => remedy?.set?.replace(/=\d.*/, '') ?? null),
    ),
    natProofs: report.natProofs,
  }
}

describe('nat-two-nodes on every fabric', { timeout: 600_000 }, () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-fabrics-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  const report = async (fabric: FabricName): Promise<Report> => {
    const engines = fabric === 'swarm' ? ['--engines', ENGINES_FILE] : []
    const words = ['--fabric', fabric, ...engines, '--json', '--report', fabric]
    const command = startCommand(['scenario', 'nat-two-nodes', ...words], directory)
    const { status, stdout, stderr } = await command.ended
    assert.equal(status, 0, `${fabric}: ${stderr}${stdout.slice(-2000)}`)
    if (fabric === 'swarm') assert.deepEqual(await leftBy(command.pid), [])
    return JSON.parse(stdout) as Report
  }

  it('has the same verdict, cells, causes, remedies and NAT proofs', async () => {
    const simulated = await report('sim')
    assertNatTwoNodes(simulated)
    for (const fabric of FABRIC_NAMES.filter((each) => each !== 'sim')) {
      assert.deepEqual(outcome(await report(fabric)), outcome(simulated), fabric)
    }
  })
})
