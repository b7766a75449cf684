import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { readInputs } from '#orchestrator/fabric/docker/image-inputs.ts'
import type { Report } from '#orchestrator/report/report-schema.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

interface Ended {
  status: number
  stdout: string
  stderr: string
}

/** As a user types it in a shell of `folder`, with nothing of the npm that runs this test. */
function type(folder: string, command: string, words: readonly string[]): Promise<Ended> {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))
  // In the place of the Node that the package brings along as an option: 50 MB that are npm's business.
  const PATH = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
  const env = { ...Object.fromEntries(own), PATH }
  const shell = process.platform === 'win32'
  const { promise, resolve } = Promise.withResolvers<Ended>()
  execFile(command, words, { cwd: folder, env, shell }, (error, stdout, stderr) =>
    resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
  )
  return promise
}

async function succeed(...how: Parameters<typeof type>): Promise<string> {
  const { status, stdout, stderr } = await type(...how)
  assert.equal(status, 0, `${stdout}\n${stderr}`)
  return stdout
}

describe('the package, installed in an empty folder', () => {
  let folder: Awaited<ReturnType<typeof mkdtempDisposable>>
  let at: string

  before(async () => {
    folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-package-'))
    at = folder.path
    const packed = await succeed(ROOT, 'npm', ['pack', '--silent', '--pack-destination', at])
    await writeFile(join(at, 'package.json'), '{ "private": true }\n')
    await succeed(at, 'npm', ['install', '--omit=optional', '--offline', `./${packed.trim()}`])
  })

  after(() => folder.remove())

  it('runs a scenario from the catalogue, with options as they are', async () => {
    const words = ['kadlab', 'scenario', 'nat-two-nodes', '--fabric', 'sim', '--variant', 'fixed']
    const text = await succeed(at, 'npx', words)
    assert.match(text, /✔ nat-two-nodes holds on sim/)
    // What a lab in namespaces runs comes along.
    const dist = join(at, 'node_modules/kadlab/dist')
    assert.ok((await readdir(join(dist, 'orchestrator/probe'))).includes('agent-main.mjs'))
    const path = join(at, 'reports/nat-two-nodes-sim/latest/report.json')
    const { versions } = JSON.parse(await readFile(path, 'utf8')) as Report
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      version: string
    }
    assert.equal(versions['kadlab'], version)
  })

  it('runs a scenario from a file, and says its faults at their lines', async () => {
    await writeFile(join(at, 'mine.yaml'), 'name: mine\ntitle: Mine\nsites: {}\nnodes: {}\n')
    const { status, stderr } = await type(at, 'npx', ['kadlab', 'scenario', 'mine.yaml'])
    assert.equal(status, 2, stderr)
    assert.match(stderr, /^mine\.yaml:\d+:\d+: /)
  })

  it('says what it can do, and each command what it takes', async () => {
    const launcher = join(at, 'node_modules/.bin/kadlab')
    const text = await succeed(at, launcher, ['--help'])
    const commands = [...text.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name = '']) => name)
    assert.ok(commands.includes('scenario') && commands.includes('node'), text)
    for (const command of commands) {
      const help = await succeed(at, launcher, [command, '--help'])
      assert.match(help, new RegExp(`kadlab ${command}\\b`), help)
      assert.doesNotMatch(help, /npm run/)
    }
  })

  it('needs no other package, and hands on the licences of what it contains', async () => {
    const packages = await readdir(join(at, 'node_modules'))
    assert.deepEqual(packages.toSorted(), ['.bin', '.package-lock.json', 'kadlab'])
    const text = await readFile(
      join(at, 'node_modules/kadlab/dist/THIRD-PARTY-NOTICES.txt'),
      'utf8',
    )
    for (const name of ['libp2p', '@libp2p/kad-dht', 'commander', 'ssh2']) {
      assert.match(text, new RegExp(`^${name} [0-9.]+ \\(\\S.*\\)$`, 'm'))
    }
    assert.doesNotMatch(text, /\(\)$/m)
  })

  it('builds the very images that a clone builds', async () => {
    const sources = join(at, 'node_modules/kadlab/dist/sources')
    for (const target of ['node', 'router'] as const) {
      const [packed, own] = [
        await readInputs(sources, target, {}),
        await readInputs(ROOT, target, {}),
      ]
      assert.equal(packed.tag, own.tag)
    }
  })
})
