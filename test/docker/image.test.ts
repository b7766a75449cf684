import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { before, describe, it } from 'node:test'
import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import type { Engine } from '#orchestrator/fabric/docker/engine.ts'
import { DOCKERFILE } from '#orchestrator/fabric/docker/image-inputs.ts'
import { ensureImage } from '#orchestrator/fabric/docker/image.ts'
import { freePlan, testEngine, testFabric } from './docker-bench.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const BASE = process.env['DEBIAN_IMAGE'] ?? 'debian:bookworm-slim'

interface Sources extends AsyncDisposable {
  path: string
}

/** Sources of nothing but a Dockerfile, whose router target is `steps`. */
async function dockerfile(...steps: string[]): Promise<Sources> {
  const sources = await mkdtempDisposable(join(tmpdir(), 'kadlab-sources-'))
  await mkdir(join(sources.path, 'node'))
  const text = [`FROM ${BASE} AS router`, ...steps, 'FROM router AS node', ''].join('\n')
  await writeFile(join(sources.path, DOCKERFILE), text)
  return { path: sources.path, [Symbol.asyncDispose]: async () => sources.remove() }
}

describe('an image', () => {
  let engine: Engine
  before(async () => {
    engine = await testEngine()
  })

  /** What is told while an image is made ready. */
  async function ensure(
    root: string,
    signal?: AbortSignal,
  ): Promise<{ tag: string; told: string[] }> {
    const told: string[] = []
    const tag = await ensureImage(engine, {
      root,
      target: 'router',
      env: {},
      onProgress: (text) => told.push(text),
      ...(signal === undefined ? {} : { signal }),
    })
    return { tag, told }
  }

  it('is built once, and taken as it is from then on', async () => {
    await using sources = await dockerfile(`RUN echo ${crypto.randomUUID()}`)
    const built = await ensure(sources.path)
    try {
      assert.match(built.told[0] ?? '', new RegExp(`building the image ${built.tag}`))
      assert.ok(built.told.some((text) => text.includes('Step')))
      assert.deepEqual(await ensure(sources.path), { tag: built.tag, told: [] })
    } finally {
      await engine.docker.getImage(built.tag).remove()
    }
  })

  it('is the same for two runs that build it at once', async () => {
    await using sources = await dockerfile(`RUN echo ${crypto.randomUUID()}`)
    const [one, other] = await Promise.all([ensure(sources.path), ensure(sources.path)])
    assert.equal(one.tag, other.tag)
    await engine.docker.getImage(one.tag).remove()
  })

  it('that cannot be built shows why, and the way without an engine', async () => {
    await using sources = await dockerfile('RUN echo no luck today && exit 3')
    const fabric = createDockerFabric({ root: sources.path })
    const plan = await freePlan(fabric)
    await assert.rejects(fabric.start(plan, { onEvent: () => undefined }), (error: Error) => {
      assert.equal(error.name, 'ImageBuildError')
      assert.match(error.message, /no luck today/)
      assert.match(error.message, /code: 3/)
      assert.match(error.message, /--fabric sim/)
      return true
    })
  })

  it('is given up with its run', async () => {
    await using sources = await dockerfile('RUN sleep 600')
    const giveUp = new AbortController()
    const building = ensureImage(engine, {
      root: sources.path,
      target: 'router',
      env: {},
      onProgress: (text) => {
        if (text.includes('sleep')) giveUp.abort()
      },
      signal: giveUp.signal,
    })
    await assert.rejects(building, { name: 'AbortError' })
  })
})

describe("the node's image", () => {
  let engine: Engine
  let tag: string
  before(async () => {
    engine = await testEngine()
    tag = await ensureImage(engine, {
      root: ROOT,
      target: 'node',
      env: process.env,
      onProgress: () => undefined,
    })
  })

  it('holds bundles instead of packages: little more than its base', async () => {
    const { Config } = await engine.docker.getImage(tag).inspect()
    assert.equal(Config.User, 'node')
    assert.deepEqual(Config.Entrypoint, ['node', '/app/kadlab.mjs'])
    const layers = (await engine.docker.getImage(tag).history()) as {
      CreatedBy: string
      Size: number
    }[]
    const own = layers.findIndex(({ CreatedBy }) => CreatedBy.includes('COPY'))
    const bytes = layers.slice(0, own + 1).reduce((sum, { Size }) => sum + Size, 0)
    assert.ok(own >= 0)
    assert.ok(bytes < 16e6, `${(bytes / 1e6).toFixed(1)} MB`)
  })

  it('is healthy once its node serves, as the engine sees it', async () => {
    const container = await engine.docker.createContainer({
      Image: tag,
      Env: ['LISTEN=/ip4/127.0.0.1/tcp/0'],
      // Nanoseconds. Whoever starts slowly is not unhealthy.
      Healthcheck: { Interval: 1e9, StartPeriod: 60e9 },
      Labels: { 'kadlab.test': 'image' },
      HostConfig: { NetworkMode: 'none', AutoRemove: true },
    })
    const events = await engine.docker.getEvents({
      filters: { container: [container.id], event: ['health_status', 'die'] },
    })
    try {
      const first = new Promise<string>((resolveText) => {
        events.once('data', (data: Buffer) => resolveText(data.toString()))
      })
      await container.start()
      assert.match(await first, /health_status: healthy/)
    } finally {
      events.removeAllListeners()
      ;(events as unknown as { destroy: () => void }).destroy()
      await container.remove({ force: true }).catch(() => undefined)
    }
  })

  it('is a doctor too, and says how it is asked', async () => {
    const container = await engine.docker.createContainer({
      Image: tag,
      Cmd: ['doctor', 'no-multiaddr'],
      Labels: { 'kadlab.test': 'image' },
      HostConfig: { NetworkMode: 'none' },
    })
    try {
      await container.start()
      const { StatusCode } = (await container.wait()) as { StatusCode: number }
      const said = await container.logs({ stdout: true, stderr: true })
      assert.equal(StatusCode, 2)
      assert.match(said.toString(), /kadlab doctor <multiaddr>/)
    } finally {
      await container.remove({ force: true })
    }
  })

  it('ends with status 2, and says why, where a setting is wrong', async () => {
    const fabric = testFabric()
    const plan = await freePlan(fabric)
    await using lab = await fabric.start(plan, { onEvent: () => undefined })
    const [node] = plan.variants[0]?.nodes ?? []
    assert.ok(node)
    await assert.rejects(lab.startNode({ ...node, env: { LISTEN_PORT: 'many' } }), {
      name: 'ContainerDiedError',
      message: /exit code 2 [^]*LISTEN_PORT/,
    })
  })
})
