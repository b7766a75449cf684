import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startCommand } from '#test/support/nat-two-nodes.ts'
import { ENGINES_FILE, engineNames, leftBy } from './engines.ts'
import { relayTo } from './relay.ts'

describe('a run whose engine leaves', { timeout: 600_000 }, () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kadlab-swarm-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  it('judges nothing, says which left, and what it left is removed once it is back', async () => {
    const names = await engineNames()
    const last = names.at(-1)
    assert.ok(last !== undefined && names.length > 1, 'two engines are needed')
    await using relay = await relayTo(last, join(directory, 'engine.sock'))
    const engines = join(directory, 'engines')
    await writeFile(engines, [...names.slice(0, -1), relay.name].join('\n'))
    const words = ['--fabric', 'swarm', '--engines', engines, '--report', 'lost']
    const command = startCommand(['scenario', 'nat-two-nodes', ...words], directory)
    await command.until(/up in [\d.]+ s/)
    await relay.cut()
    const { status, stdout, stderr } = await command.ended
    assert.equal(status, 3, stdout + stderr)
    assert.match(stderr, new RegExp(`engine \`${relay.name}\` left while the run needed it`))
    assert.match(await readFile(join(directory, 'lost/junit.xml'), 'utf8'), /<error/)

    const clean = startCommand(['clean', '--engines', ENGINES_FILE], directory)
    const cleaned = await clean.ended
    assert.equal(cleaned.status, 0, cleaned.stderr)
    assert.deepEqual(await leftBy(command.pid), [])
  })
})
