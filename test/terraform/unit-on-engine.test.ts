import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { NodeStatus } from '#node/api/node-api.ts'
import { eventually } from '#test/support/eventually.ts'
import { pack } from '../../scripts/pack/pack.ts'
import { fileOf, type Rendered, renderMachines, SOME_IMAGE } from './rendered.ts'
import { expand, parseUnit } from './vm/unit-file.ts'

const execute = promisify(execFile)
const docker = async (...args: string[]): Promise<string> => (await execute('docker', args)).stdout

const engine = await docker('info').catch(() => null)
const skip = engine === null ? 'no Docker engine answers' : false

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

describe("the unit's container on a real engine", { skip }, () => {
  const name = `kadlab-terraform-${randomBytes(3).toString('hex')}`
  let folder: string
  let seed: Rendered

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kadlab-unit-'))
    const [machine] = await renderMachines({ image: SOME_IMAGE, node_count: 1 })
    assert.ok(machine !== undefined)
    seed = machine
    const context = join(folder, 'context')
    await mkdir(context)
    await writeFile(join(folder, 'pack.tar'), await pack())
    await execute('tar', ['-xf', join(folder, 'pack.tar'), '-C', context])
    const architecture = `ARCHITECTURE=${ARCHITECTURES[process.arch]}`
    await docker(
      'build',
      '--quiet',
      '--network',
      'none',
      '--build-arg',
      architecture,
      '--build-arg',
      // A machine that can pull nothing has a stand-in under the plain tag.
      `NODE_IMAGE=${process.env['NODE_IMAGE'] ?? 'node:24-bookworm-slim'}`,
      '-t',
      name,
      context,
    )
    // Internal: whatever the node dials, nothing leaves it.
    await docker('network', 'create', '--internal', '--label', 'kadlab.test=terraform', name)
    await start()
  })
  after(async () => {
    await docker('rm', '--force', name).catch(() => null)
    await docker('network', 'rm', name).catch(() => null)
    await docker('image', 'rm', name).catch(() => null)
    await rm(folder, { recursive: true, force: true })
  })

  /** The unit's line as it is, but for names, places, and published ports: those would be the machine's own. */
  async function start(): Promise<void> {
    await mkdir(join(folder, 'identity'))
    await mkdir(join(folder, 'data'))
    const key = join(folder, 'identity/identity.pem')
    await writeFile(key, fileOf(seed, '/etc/kadlab/identity/identity.pem'))
    await chmod(key, 0o400)
    for (const path of [key, join(folder, 'identity'), join(folder, 'data')]) {
      await chown(path, 1000, 1000)
    }
    // mkdtemp lets nobody else in.
    await chmod(folder, 0o755)
    const environment = Object.entries(seed.userData.environment).map(([k, v]) => `${k}=${v}\n`)
    await writeFile(join(folder, 'environment'), environment.join(''))
    const { start: line } = parseUnit(fileOf(seed, '/etc/systemd/system/kadlab.service'))
    const args = expand(line.words, { IMAGE: name, METRICS: '' })
      .join(' ')
      .replaceAll(/ --publish \S+/g, '')
      .replace('--name kadlab ', `--detach --label kadlab.test=terraform --name ${name} `)
      .replace('--network kadlab ', `--network ${name} `)
      .replace('/var/lib/kadlab/current/environment', join(folder, 'environment'))
      .replace('/etc/kadlab/identity:', `${join(folder, 'identity')}:`)
      .replace('/var/lib/kadlab/data:', `${join(folder, 'data')}:`)
      .split(' ')
    assert.equal(args[0], '/usr/bin/docker')
    await docker(...args.slice(1))
  }

  const inside = (...command: string[]): Promise<string> => docker('exec', name, ...command)

  it('starts the node with the identity that custom data brought', async () => {
    const ask = `fetch('http://127.0.0.1:8080/v1/status').then(async (r) => console.log(await r.text()))`
    const status = await eventually(
      async () => JSON.parse(await inside('node', '-e', ask)) as NodeStatus,
    )
    assert.match(status.peerId, /^12D3KooW/)
    assert.deepEqual(status.announced, ['/ip4/20.50.0.10/tcp/3000'])
    assert.ok(status.agent.endsWith(`+${seed.userData.release}`), status.agent)
    assert.equal(status.ready, true, status.waitingFor.join())
  })

  it('is as hardened as it is written', async () => {
    const [container] = JSON.parse(await docker('inspect', name)) as {
      HostConfig: Record<string, unknown>
      Config: { User: string }
    }[]
    const { HostConfig, Config } = container ?? assert.fail('no container')
    assert.equal(Config.User, '1000:1000')
    assert.deepEqual(HostConfig['CapDrop'], ['ALL'])
    assert.deepEqual(HostConfig['SecurityOpt'], ['no-new-privileges'])
    assert.equal(HostConfig['ReadonlyRootfs'], true)
    assert.equal(HostConfig['Privileged'], false)
    assert.equal(HostConfig['PidsLimit'], 128)
    assert.equal(HostConfig['Memory'], 640 * 1024 * 1024)
    await assert.rejects(inside('touch', '/app/something'), /Read-only file system/)
    assert.match(await inside('grep', 'CapEff', '/proc/1/status'), /^CapEff:\s0+$/m)
  })

  it('ends at once when systemd stops it, and keeps its records', async () => {
    const started = performance.now()
    await docker('stop', '--time', '20', name)
    assert.ok(performance.now() - started < 15_000, 'it was not killed')
    const { stdout } = await execute('ls', [join(folder, 'data')])
    assert.notEqual(stdout.trim(), '')
  })
})
