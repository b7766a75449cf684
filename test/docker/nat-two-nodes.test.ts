import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import Docker from 'dockerode'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { assertNatTwoNodes, startCommand } from '#test/support/nat-two-nodes.ts'
import { run } from './compose-bench.ts'

const docker = new Docker()

/** Everything on the engine that a process of that id made. */
async function leftBy(pid: number): Promise<string[]> {
  const filters = { label: [`kadlab.pid=${pid}`] }
  const containers = await docker.listContainers({ all: true, filters })
  const networks = await docker.listNetworks({ filters })
  return [...containers.map(({ Id }) => Id), ...networks.map(({ Id }) => Id)]
}

/** Not `clean --kept`: it would take labs that somebody keeps on this engine. */
async function removeAllOf(pid: number): Promise<void> {
  const filters = { label: [`kadlab.pid=${pid}`] }
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(Id).remove({ force: true })
  }
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove()
  const { Volumes } = await docker.listVolumes({ filters })
  for (const { Name } of Volumes) await docker.getVolume(Name).remove()
}

describe('the main job on Docker', { timeout: 300_000 }, () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-docker-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  it('shows what the simulated network shows, twice at once, and leaves nothing behind', async () => {
    const commands = ['one', 'two'].map((report) =>
      startCommand(
        ['scenario', 'nat-two-nodes', '--fabric', 'docker', '--json', '--report', report],
        directory,
      ),
    )
    for (const command of commands) {
      const { status, stdout, stderr } = await command.ended
      assert.equal(status, 0, stderr)
      assertNatTwoNodes(JSON.parse(stdout) as Report)
      assert.deepEqual(await leftBy(command.pid), [])
    }
    for (const log of ['bug/A.log', 'network/a-router.log']) {
      assert.match(await readFile(join(directory, 'one/logs', log), 'utf8'), /\S/)
    }
  })

  for (const [moment, pattern] of [
    ['in the middle', /NAT proof/],
    ['while the nodes of the next variant are held ready', /B lists A/],
  ] as const) {
    it(`ends with 130 and leaves nothing behind where it is interrupted ${moment}`, async () => {
      const words = ['scenario', 'nat-two-nodes', '--fabric', 'docker', '--report', 'gone']
      const command = startCommand(words, directory)
      await command.until(pattern)
      command.interrupt()
      assert.equal((await command.ended).status, 130)
      assert.deepEqual(await leftBy(command.pid), [])
      const partial = JSON.parse(
        await readFile(join(directory, 'gone/report.json'), 'utf8'),
      ) as Report
      assert.equal(partial.failure?.exitCode, 130)
      assert.ok(!(await readdir(directory)).some((name) => name.startsWith('gone.')))
    })
  }

  it('returns from a kept lab that stays up until it is cleaned away', async () => {
    const words = ['scenario', 'nat-two-nodes', '--fabric', 'docker', '--variant', 'bug', '--keep']
    const command = startCommand(words, directory)
    const { status, stdout } = await command.ended
    assert.equal(status, 0, stdout)
    assert.match(stdout, /kadlab clean --kept/)
    const [, container = ''] = /docker exec -it (\S+-A) doctor$/m.exec(stdout) ?? []
    const doctor = await run('docker', ['exec', container, 'doctor'])
    assert.match(doctor.output, /^A {2,}· +○ speaks-kademlia$/m, stdout + doctor.errors)
    assert.notDeepEqual(await leftBy(command.pid), [])
    await startCommand(['clean'], directory).ended
    assert.notDeepEqual(await leftBy(command.pid), [], 'a kept lab is spared')
    await removeAllOf(command.pid)
  })
})
