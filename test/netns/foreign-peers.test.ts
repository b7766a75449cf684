import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { startCommand } from '#test/support/nat-two-nodes.ts'
import { missingGo } from './go-kv.ts'

describe('a peer of another implementation in namespaces', { timeout: 900_000 }, () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-netns-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  const title = 'is built by the toolchain of the machine, and fails and is cured as on Docker'
  it(title, { skip: missingGo ?? false }, async () => {
    const words = ['scenario', 'go-two-nodes', '--fabric', 'netns', '--json', '--report', 'go']
    const { status, stdout, stderr } = await startCommand(words, directory).ended
    assert.equal(status, 0, stderr)
    const { variants } = JSON.parse(stdout) as Report
    const causes = variants.map(({ name, cells }) => [
      name,
      cells.find(({ observer, target }) => observer === 'A' && target === 'B')?.cause,
    ])
    assert.deepEqual(causes, [
      ['bug', 'LISTED_WITHOUT_ADDRESS'],
      ['fixed', null],
    ])
  })

  const limited =
    'lists so many peers of one network and no more, and names the network and its limit'
  it(limited, { skip: missingGo ?? false }, async () => {
    const words = ['scenario', 'go-address-group', '--fabric', 'netns', '--json', '--report', 'go']
    const { status, stdout, stderr } = await startCommand(words, directory).ended
    assert.equal(status, 0, stderr)
    const [bug, fixed] = (JSON.parse(stdout) as Report).variants
    const full = bug?.cells.filter(({ cause }) => cause === 'IP_GROUP_FULL') ?? []
    assert.ok(full.length >= 2 && full.every(({ observer }) => observer === 'G'))
    for (const { evidence, remedy } of full) {
      assert.equal(evidence?.group?.network, '11.0.0.0/16')
      const { limit, sharedBits } = evidence.group
      assert.equal(limit, sharedBits === undefined ? 3 : 2)
      assert.match(remedy?.text ?? '', /outside 11\.0\.0\.0\/16/)
      assert.match(remedy?.none ?? '', /an address in another/)
    }
    assert.ok(fixed?.cells.every(({ cause }) => cause === null))
  })
})
