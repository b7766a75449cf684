import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Report } from '#orchestrator/report/report-schema.ts'
import { startCommand } from '#test/support/nat-two-nodes.ts'

const SCENARIO = `
name: away
title: B listens at an address that its router has
sites: { a: { nat: one-to-one }, b: { nat: one-to-one } }
nodes:
  A: { site: a, env: { PUBLIC_IP: '{public}' } }
  B: { site: b, bootstrap: [A], env: { LISTEN: '/ip4/{public}/tcp/3000' } }
steps:
  - expect: [{ observer: A, dialable: B, within: 8s }]
`

describe('a node that cannot start with its settings, in namespaces', { timeout: 120_000 }, () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-netns-'))
    await writeFile(join(directory, 'away.yaml'), SCENARIO)
  })
  after(() => rm(directory, { recursive: true, force: true }))

  it('is a verdict with its cause, and no failure of the lab', async () => {
    const words = ['scenario', 'away.yaml', '--fabric', 'netns', '--json', '--report', 'away']
    const { status, stdout, stderr } = await startCommand(words, directory).ended
    assert.equal(status, 1, stderr)
    const { variants } = JSON.parse(stdout) as Report
    const cell = variants[0]?.cells.find(({ target }) => target === 'B')
    assert.equal(cell?.cause, 'CANNOT_START')
  })
})
