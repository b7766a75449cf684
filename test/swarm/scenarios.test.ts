import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { standings, startCommand } from '#test/support/nat-two-nodes.ts'
import { ENGINES_FILE, leftBy } from './engines.ts'

/** Thirty nodes: one public, the others behind six routers of three kinds, so that each engine carries some of both. */
function manyNodes(): string {
  const nats = ['one-to-one', 'port-restricted', 'symmetric']
  const sites = Array.from({ length: 6 }, (_, index) => `  s${index}: { nat: ${nats[index % 3]} }`)
  const nodes = Array.from({ length: 29 }, (_, index) => {
    // Of a 1:1 NAT each node would need an outside address of its own.
    const site = index < 6 ? index : [1, 2, 4, 5][index % 4]
    return `  n${index}: { site: s${site}, bootstrap: [hub], env: { KAD_MODE: client } }`
  })
  const expected = Array.from(
    { length: 29 },
    (_, index) => `          - { observer: n${index}, dialable: hub, within: 60s }`,
  )
  return [
    'name: many',
    'title: Thirty nodes behind six routers',
    'sites:',
    '  public: { nat: public }',
    ...sites,
    'nodes:',
    '  hub: { site: public }',
    ...nodes,
    'variants:',
    '  all:',
    '    title: all join',
    '    steps:',
    '      - expect:',
    ...expected,
    '',
  ].join('\n')
}

describe('scenarios over several engines', { timeout: 600_000 }, () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-swarm-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  const report = async (scenario: string, fabric: string): Promise<Report> => {
    const engines = fabric === 'swarm' ? ['--engines', ENGINES_FILE] : []
    const command = startCommand(
      ['scenario', scenario, '--fabric', fabric, ...engines, '--json', '--report', fabric],
      directory,
    )
    const { status, stdout, stderr } = await command.ended
    assert.equal(status, 0, stderr + stdout.slice(-2000))
    assert.deepEqual(fabric === 'swarm' ? await leftBy(command.pid) : [], [])
    return JSON.parse(stdout) as Report
  }

  it('shows of compose-cluster the cells of the simulated network', async () => {
    const [simulated, spread] = await Promise.all([
      report('compose-cluster', 'sim'),
      report('compose-cluster', 'swarm'),
    ])
    assert.deepEqual(standings(spread), standings(simulated))
  })

  it('shows of peers of three implementations the cells that one engine shows', async () => {
    const alone = standings(await report('mixed-three', 'docker'))
    assert.deepEqual(standings(await report('mixed-three', 'swarm')), alone)
  })

  it('joins thirty nodes behind six routers', async () => {
    const file = join(directory, 'many.yaml')
    await writeFile(file, manyNodes())
    const { holds, variants } = await report(file, 'swarm')
    assert.equal(holds, true)
    assert.equal(variants[0]?.nodes.length, 30)
  })
})
