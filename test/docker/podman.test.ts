import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { withBaseImages } from '#orchestrator/fabric/docker/base-images.ts'
import { findRemains } from '#orchestrator/fabric/docker/clean.ts'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { connectEngine } from '#orchestrator/fabric/docker/engine.ts'
import { ensureImage, hasImage } from '#orchestrator/fabric/docker/image.ts'
import { PROGRAMS, testEngine } from './docker-bench.ts'
import { twoClouds } from './plans.ts'

const run = promisify(execFile)

/** Limits that a container may have where the machine is a container itself. */
const CONTAINERS_CONF = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
pids_limit = 0
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
`

async function missing(): Promise<string | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux'
  return (await isThere('podman')) ? null : 'podman is not installed (apt-get install podman)'
}

function isThere(command: string): Promise<boolean> {
  return run(command, ['--version']).then(
    () => true,
    () => false,
  )
}

const skip = (await missing()) ?? false

describe('Podman, which speaks the same API and ignores the options of networks', { skip }, () => {
  const stack = new AsyncDisposableStack()
  let host = ''
  let bases: Record<string, string | undefined> = {}

  before(async () => {
    const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'kadlab-podman-')))
    const socket = join(folder.path, 'podman.sock')
    const stores = ['--root', join(folder.path, 'root'), '--runroot', join(folder.path, 'run')]
    const conf = join(folder.path, 'containers.conf')
    // Podman's own crun refuses a machine that mounts control groups of both versions; a Docker engine brings runc along.
    const runtime = (await isThere('runc')) ? 'runtime = "runc"\n' : ''
    await writeFile(conf, CONTAINERS_CONF + runtime)
    const env = { ...process.env, CONTAINERS_CONF: conf }
    const service = spawn(
      'podman',
      [...stores, 'system', 'service', '-t', '0', `unix://${socket}`],
      {
        env,
        stdio: 'ignore',
      },
    )
    stack.defer(async () => {
      const ended = once(service, 'exit')
      service.kill()
      await ended
      // Its stores are full of mounts and of files that only it can take away.
      await run('podman', [...stores, 'system', 'reset', '--force'], { env }).catch(() => {})
    })
    host = `unix://${socket}`
    const patience = AbortSignal.timeout(20_000)
    for (;;) {
      patience.throwIfAborted()
      if (
        await access(socket).then(
          () => true,
          () => false,
        )
      )
        break
      await delay(50)
    }
    // The router's image alone, from the other engine: no registry is needed.
    const root = join(import.meta.dirname, '../..')
    const engine = await testEngine()
    // Of what the image is built decides its name, and Podman has no base image to look for.
    bases = await withBaseImages((image) => hasImage(engine, image), process.env)
    const request = { root, target: 'router', env: bases, onProgress: () => {} } as const
    const tag = await ensureImage(engine, request)
    const archive = join(folder.path, 'router.tar')
    await run('docker', ['save', '-o', archive, tag])
    await run('podman', [...stores, 'load', '-q', '-i', archive], { env })
  })
  after(() => stack.disposeAsync())

  it('is called by its name, and refused before anything runs on networks that lead out', async () => {
    const fabric = createDockerFabric({
      env: { ...bases, DOCKER_HOST: host },
      programs: { ...PROGRAMS, kadlab: PROGRAMS['listens'] as (typeof PROGRAMS)[string] },
    })
    const { available, detail } = await fabric.probe()
    assert.ok(available, detail)
    assert.match(detail, /^Podman \d/)
    const plan = twoClouds(99, 'listens')
    const [node] = plan.variants[0]?.nodes ?? []
    assert.ok(node)
    {
      await using lab = await fabric.start(plan, { onEvent: () => {} })
      await assert.rejects(lab.startNode(node), (error: Error) => {
        assert.equal(error.name, 'LabNotConfinedError')
        assert.match(error.message, /networks that Podman \S+ at unix:.* have a way out of the lab/)
        assert.match(error.message, /the host has the address 11\.99\.0\.254 on network `internet`/)
        assert.match(error.message, /somebody answers at 11\.99\.0\.254/)
        return true
      })
    }
    const engine = await connectEngine({ env: { DOCKER_HOST: host } })
    assert.deepEqual(await findRemains(engine, null), [])
  })
})
