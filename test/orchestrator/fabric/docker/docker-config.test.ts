import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type BuildConfig, readBuildConfig } from '#orchestrator/fabric/docker/docker-config.ts'

const HOST = 'unix:///run/x.sock'

/** Reads a configuration file, with a credential helper `test` in PATH. */
async function read(config: object | string, helper = ''): Promise<BuildConfig> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-config-'))
  const text = typeof config === 'string' ? config : JSON.stringify(config)
  await writeFile(join(folder.path, 'config.json'), text)
  const program = `#!${process.execPath}\n${helper}`
  await writeFile(join(folder.path, 'docker-credential-test'), program, { mode: 0o755 })
  return await readBuildConfig({ DOCKER_CONFIG: folder.path, PATH: folder.path }, HOST)
}

const HELPER = `
  const word = process.argv[2]
  const server = require('node:fs').readFileSync(0, 'utf8')
  const said = word === 'list' ? { 'stored.example': 'me' } : { ServerURL: server, Username: 'me', Secret: 'for ' + server }
  console.log(JSON.stringify(said))
`

describe("the CLI's configuration for builds", () => {
  it('has what `docker login` wrote down, passwords with colons too', async () => {
    const auth = Buffer.from('me:pass:word').toString('base64')
    const { registries } = await read({ auths: { 'registry.example': { auth } } })
    assert.deepEqual(registries, { 'registry.example': { username: 'me', password: 'pass:word' } })
  })

  it('asks credential helpers, those of one registry and the store of all', async () => {
    const one = await read({ credHelpers: { 'one.example': 'test' } }, HELPER)
    assert.deepEqual(one.registries, {
      'one.example': { username: 'me', password: 'for one.example' },
    })
    const all = await read({ credsStore: 'test', auths: { 'empty.example': {} } }, HELPER)
    assert.deepEqual(Object.keys(all.registries).toSorted(), ['empty.example', 'stored.example'])
  })

  it('has proxies in both spellings, those of this engine before the default', async () => {
    const proxies = {
      default: { httpProxy: 'http://proxy:1', noProxy: 'localhost' },
      'tcp://other': { httpProxy: 'http://other' },
    }
    assert.deepEqual((await read({ proxies })).proxies, {
      HTTP_PROXY: 'http://proxy:1',
      http_proxy: 'http://proxy:1',
      NO_PROXY: 'localhost',
      no_proxy: 'localhost',
    })
    const own = { ...proxies, [HOST]: { httpsProxy: 'http://own' } }
    assert.deepEqual((await read({ proxies: own })).proxies, {
      HTTPS_PROXY: 'http://own',
      https_proxy: 'http://own',
    })
  })

  it('is empty where the file cannot be read, or a helper fails', async () => {
    assert.deepEqual(await read('{ "auths": '), { registries: {}, proxies: {} })
    const failing = await read({ credsStore: 'test' }, 'process.exit(1)')
    assert.deepEqual(failing.registries, {})
    const missing = await read({ credHelpers: { 'one.example': 'nowhere' } })
    assert.deepEqual(missing.registries, {})
  })
})
