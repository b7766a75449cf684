import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { assertNatTwoNodes, startCommand } from '#test/support/nat-two-nodes.ts'

const execute = promisify(execFile)

describe('the main job on the simulated network', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-sim-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  it('shows the bug, its cause and its cure', async () => {
    const words = ['scenario', 'nat-two-nodes', '--fabric', 'sim', '--json']
    const { status, stdout, stderr } = await startCommand(words, directory).ended
    assert.equal(status, 0, stderr)
    assert.equal(stderr, '')
    const report = JSON.parse(stdout) as Report
    assertNatTwoNodes(report)
    assert.notEqual(report.simulatedMs, null)
  })

  it('holds in real time too, and says that it was', async () => {
    const words = ['scenario', 'nat-two-nodes', '--fabric', 'sim', '--real-time', '--json']
    const { status, stdout, stderr } = await startCommand(words, directory).ended
    assert.equal(status, 0, stderr)
    const report = JSON.parse(stdout) as Report
    assertNatTwoNodes(report)
    assert.equal(report.simulatedMs, null)
  })

  it('ends at once with 130 where it is interrupted in the middle, and leaves a report of what was known', async () => {
    const words = ['scenario', 'nat-two-nodes', '--fabric', 'sim', '--report', 'gone']
    const command = startCommand(words, directory)
    await command.until(/NAT proof/)
    command.interrupt()
    const { status, stderr } = await command.ended
    assert.equal(status, 130)
    assert.match(stderr, /interrupted; nothing is left behind/)
    const junit = await readFile(join(directory, 'gone', 'junit.xml'), 'utf8')
    assert.match(junit, /<error/)
  })

  it('ends as if interrupted where nobody reads its output any more', async () => {
    const command = startCommand(['scenario', 'nat-two-nodes', '--fabric', 'sim'], directory)
    await command.until(/seed 1/)
    command.stopReading()
    const { status, stderr } = await command.ended
    assert.equal(status, 130, stderr)
  })

  it('offers a prompt, the doctor and an API for each node where it is kept, until it is interrupted', async () => {
    const words = ['scenario', 'nat-two-nodes', '--fabric', 'sim', '--variant', 'fixed', '--keep']
    const command = startCommand(words, directory)
    const shown = await command.until(/[^]*^report /m)
    const way = (node: string): string =>
      shown.match(new RegExp(`(/\\S+/${node}) shell`))?.[1] ?? ''
    const ask = async (node: string, ...words: string[]): Promise<string> =>
      (await execute(way(node), words)).stdout
    assert.match(await ask('A', 'shell', 'PUT', 'x', 'hello'), /stored at 1 other peer/)
    assert.match(await ask('B', 'shell', 'GET', 'x'), /^hello$/m)
    assert.match(await ask('B', 'shell', 'PEERS'), /^A 12D3.* connected, listed/)
    assert.match(await ask('A', 'doctor'), /^A .* ● dialable$/m)
    const [, url = ''] = shown.match(/curl (http:\S+)/) ?? []
    assert.equal((await fetch(url)).status, 200)
    command.interrupt()
    const { status, stderr } = await command.ended
    assert.equal(status, 0, stderr)
    await assert.rejects(access(way('A')), { code: 'ENOENT' })
  })
})
