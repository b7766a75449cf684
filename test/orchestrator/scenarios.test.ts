import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { findScenario, scenarioNames } from '#orchestrator/catalogue/catalogue.ts'
import { effectiveVariants } from '#orchestrator/scenario/effective.ts'
import { PROGRAMS } from '#orchestrator/scenario/programs.ts'
import { startCommand } from '#test/support/nat-two-nodes.ts'
import { readReport } from '#test/support/report-json.ts'

/** Scenarios whose every node the simulated network can run; the main job has a test of its own. */
async function simScenarios(): Promise<string[]> {
  const names: string[] = []
  for (const name of await scenarioNames()) {
    const { scenario } = await findScenario(name)
    const nodes = effectiveVariants(scenario).flatMap((each) => Object.values(each.scenario.nodes))
    const runs = nodes.every(({ program = 'kadlab' }) => PROGRAMS[program].fabrics.includes('sim'))
    if (runs && name !== 'nat-two-nodes') names.push(name)
  }
  return names
}

const names = await simScenarios()

describe('scenarios on the simulated network', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-scenarios-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  it('are more than the main job', () => {
    assert.ok(names.includes('late-bootstrap') && names.includes('same-private-range'))
  })

  for (const name of names) {
    it(`hold, and report by the schema: ${name}`, async () => {
      const { status, stdout, stderr } = await startCommand(
        ['scenario', name, '--fabric', 'sim'],
        directory,
      ).ended
      assert.equal(status, 0, stdout + stderr)
      await readReport(join(directory, 'reports', `${name}-sim`, 'latest/report.json'))
    })
  }
})
