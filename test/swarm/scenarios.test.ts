import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { assertNatTwoNodes, standings, startCommand } from '#test/support/nat-two-nodes.ts'
import { ENGINES_FILE, engineNames } from './engines.ts'

const run = promisify(execFile)

/** Thirty nodes: one public, the others behind ten routers of three kinds. */
function thirtyNodes(): string {
  const nats = ['one-to-one', 'port-restricted', 'symmetric']
  const sites = Array.from({ length: 10 }, (_, index) => `  s${index}: { nat: ${nats[index % 3]} }`)
  const nodes = Array.from({ length: 29 }, (_, index) => {
    // Of a 1:1 NAT each node would need an outside address of its own.
    const site = index < 10 ? index : [1, 2, 4, 5, 7, 8][index % 6]
    return `  n${index}: { site: s${site}, bootstrap: [hub], env: { KAD_MODE: client } }`
  })
  const expected = Array.from(
    { length: 29 },
    (_, index) => `          - { observer: n${index}, dialable: hub, within: 60s }`,
  )
  return [
    'name: thirty',
    'title: Thirty nodes behind ten routers',
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

/** What a process left at the engines. */
async function leftBy(pid: number): Promise<string[]> {
  const left: string[] = []
  const names = await engineNames()
  const [first] = names
  for (const name of names) {
    // A worker forgets a network that the manager has removed when it gets to it.
    const networks = name === first ? [['network', 'ls']] : []
    for (const what of [['ps', '-a'], ['volume', 'ls'], ...networks]) {
      const filter = ['-q', '--filter', `label=kadlab.pid=${pid}`]
      const { stdout } = await run('docker', ['-H', name, ...what, ...filter])
      left.push(...stdout.split('\n').filter((line) => line !== ''))
    }
  }
  return left
}

describe('scenarios over several engines', { timeout: 300_000 }, () => {
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

  it('shows of nat-two-nodes what every fabric shows, and leaves nothing at any engine', async () => {
    assertNatTwoNodes(await report('nat-two-nodes', 'swarm'))
  })

  it('shows of compose-cluster the cells of the simulated network', async () => {
    const [simulated, spread] = await Promise.all([
      report('compose-cluster', 'sim'),
      report('compose-cluster', 'swarm'),
    ])
    assert.deepEqual(standings(spread), standings(simulated))
  })

  it('joins thirty nodes behind ten routers', async () => {
    const file = join(directory, 'thirty.yaml')
    await writeFile(file, thirtyNodes())
    const { holds, variants } = await report(file, 'swarm')
    assert.equal(holds, true)
    assert.equal(variants[0]?.nodes.length, 30)
  })
})
