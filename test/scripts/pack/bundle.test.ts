import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { bundle } from '../../../scripts/pack/bundle.ts'

const run = promisify(execFile)

type Folder = Awaited<ReturnType<typeof mkdtempDisposable>>

async function bundled(chunks: boolean): Promise<Folder> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-bundle-'))
  await bundle(folder.path, { chunks })
  return folder
}

const servesHttp = (source: string): boolean => source.includes('/healthz')

describe('the bundle', () => {
  it('is one file for each program, and the native add-on', async () => {
    await using folder = await bundled(false)
    const files = await readdir(folder.path)
    assert.deepEqual(files.toSorted(), [
      'agent.mjs',
      'classic-level.node',
      'health.mjs',
      'kadlab.mjs',
    ])
  })

  it('in chunks spares a node the HTTP that it may never serve', async () => {
    await using folder = await bundled(true)
    const [loaded, later] = await loadedFirst(folder.path, 'kadlab.mjs')
    assert.ok(loaded.some((source) => source.includes('/ipfs/kad/1.0.0')))
    assert.ok(!loaded.some(servesHttp))
    assert.ok(later.some(servesHttp))
  })
})

/** The texts of the modules that a program loads before it runs, and those of all others. */
async function loadedFirst(folder: string, program: string): Promise<[string[], string[]]> {
  const sources = new Map<string, string>()
  for (const file of await readdir(folder)) {
    if (file.endsWith('.mjs')) sources.set(file, await readFile(join(folder, file), 'utf8'))
  }
  const loaded = new Map<string, string>()
  const load = (file: string): void => {
    if (loaded.has(file)) return
    const source = sources.get(file) ?? assert.fail(`${file} is not there`)
    loaded.set(file, source)
    for (const [, imported = ''] of source.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) load(imported)
  }
  load(program)
  for (const file of loaded.keys()) sources.delete(file)
  return [[...loaded.values()], [...sources.values()]]
}

for (const chunks of [false, true]) {
  describe(`the bundle, ${chunks ? 'in chunks' : 'in one file'},`, () => {
    let folder: Folder
    before(async () => {
      folder = await bundled(chunks)
    })
    after(async () => folder.remove())

    async function status(program: string, env: Record<string, string>): Promise<unknown> {
      try {
        await run(process.execPath, [join(folder.path, program)], { env })
        return 0
      } catch (error) {
        return (error as { code: unknown }).code
      }
    }

    it('is the same, byte for byte, in another folder', async () => {
      await using other = await bundled(chunks)
      const files = (await readdir(folder.path)).toSorted()
      assert.deepEqual((await readdir(other.path)).toSorted(), files)
      for (const file of files) {
        const [one, two] = await Promise.all(
          [folder.path, other.path].map(async (each) => readFile(join(each, file))),
        )
        assert.ok(one !== undefined && two !== undefined && one.equals(two), file)
      }
    })

    it('holds a node that reads its settings without any package beside it', async () => {
      const program = join(folder.path, 'kadlab.mjs')
      const env = { KAD_MODE: 'sideways' }
      await assert.rejects(run(process.execPath, [program], { env, cwd: folder.path }), {
        code: 2,
        stderr: /KAD_MODE/,
      })
    })

    it('holds a store whose native part is found beside it', async () => {
      await using data = await mkdtempDisposable(join(tmpdir(), 'kadlab-data-'))
      const program = join(folder.path, 'kadlab.mjs')
      const env = { DATA_DIR: data.path, LISTEN: '/ip4/127.0.0.1/tcp/0', STDIO_API: 'yes' }
      const child = execFile(process.execPath, [program], { env })
      let output = ''
      try {
        for await (const chunk of child.stdout ?? []) {
          output += String(chunk)
          if (output.includes('"listening"')) break
        }
        assert.match(output, /"listening"/)
      } finally {
        child.kill('SIGKILL')
      }
    })

    it('holds a health check that tells a well node from one that is not, or is not there', async () => {
      let answer = 200
      const shown: (string | undefined)[] = []
      const server = createServer(({ headers }, response) => {
        shown.push(headers.authorization)
        response.writeHead(answer).end()
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const env = { API_LISTEN: `127.0.0.1:${port}` }
      try {
        assert.equal(await status('health.mjs', env), 0)
        assert.equal(await status('health.mjs', { ...env, API_TOKEN: 'token' }), 0)
        assert.deepEqual(shown, [undefined, 'Bearer token'])
        answer = 503
        assert.equal(await status('health.mjs', env), 1)
      } finally {
        server.close()
      }
      assert.equal(await status('health.mjs', env), 1)
      assert.equal(await status('health.mjs', { API_LISTEN: join(folder.path, 'no.sock') }), 1)
      assert.equal(await status('health.mjs', {}), 0)
    })
  })
}
