import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { startCommand } from '#test/support/nat-two-nodes.ts'

describe('what a scenario says about itself', () => {
  it('stands below its title, on one line after the other, and as it is in the report', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'kadlab-about-'))
    const file = join(directory.path, 'told.yaml')
    const about = 'A home joins a server.\nNobody dials it \u001b[2J.'
    await writeFile(
      file,
      `name: told
title: a home
about: ${JSON.stringify(about)}
sites: { net: { nat: public } }
nodes: { A: { site: net }, B: { site: net, bootstrap: [A] } }`,
    )
    const report = join(directory.path, 'report')
    const words = ['scenario', file, '--fabric', 'sim', '--report', report]
    const { stdout } = await startCommand(words, directory.path).ended
    assert.match(stdout, /\na home\nA home joins a server\. Nobody dials it \\u\{1b\}\[2J\.\n/)
    const read: unknown = JSON.parse(await readFile(join(report, 'report.json'), 'utf8'))
    assert.equal((read as { about: string }).about, about)
  })
})
