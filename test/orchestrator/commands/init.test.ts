import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { main } from '#orchestrator/cli.ts'
import { loadFabric } from '#orchestrator/commands/loaders.ts'
import { proveRouters } from '#orchestrator/proof/prove.ts'
import { runCommand } from '#test/support/command-line.ts'

describe('kadlab init', () => {
  it('writes a scenario that runs and holds, and says how to run it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-init-'))
    const directory = folder.path
    const { status, stdout } = await runCommand(['init', 'first-try.yaml'], { directory })
    assert.equal(status, 0)
    assert.match(stdout, /^wrote first-try\.yaml; run it with\n {2}kadlab scenario first-try\.yaml/)

    let text = ''
    const io = {
      stdout: (piece: string) => void (text += piece),
      stderr: (piece: string) => void (text += piece),
      isTerminal: false,
      columns: 88,
      env: {},
      directory,
      signal: new AbortController().signal,
    }
    const words = ['scenario', 'first-try.yaml', '--fabric', 'sim']
    assert.equal(await main(words, io, { load: loadFabric, proveRouters }), 0, text)
    assert.match(text, /✔ first-try holds on sim/)
  })

  it('names the schema where it is, so that an editor finds it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-init-'))
    await runCommand(['init', 'mine.yaml'], { directory: folder.path })
    const text = await readFile(join(folder.path, 'mine.yaml'), 'utf8')
    const [, schema = ''] = /^# yaml-language-server: \$schema=(.+)$/m.exec(text) ?? []
    const path = resolve(dirname(join(folder.path, 'mine.yaml')), schema)
    const { title } = JSON.parse(await readFile(path, 'utf8')) as { title: string }
    assert.equal(title, 'kadlab scenario')
  })

  it('overwrites nothing, and takes no name that a scenario cannot have', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-init-'))
    const directory = folder.path
    await writeFile(join(directory, 'mine.yaml'), 'precious\n')
    const again = await runCommand(['init', 'mine.yaml'], { directory })
    assert.equal(again.status, 2)
    assert.match(again.stderr, /mine\.yaml is there already, and stays as it is/)
    assert.equal(await readFile(join(directory, 'mine.yaml'), 'utf8'), 'precious\n')
    for (const file of ['mine.txt', 'My Network.yaml', 'nowhere/mine.yaml']) {
      const { status, stderr } = await runCommand(['init', file], { directory })
      assert.equal(status, 2, stderr)
    }
  })
})
