import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { before, describe, it } from 'node:test'
import { cleanImages } from '#orchestrator/fabric/docker/clean-images.ts'
import { findRemains, removeLab } from '#orchestrator/fabric/docker/clean.ts'
import type { Engine } from '#orchestrator/fabric/docker/engine.ts'
import { buildImage, hasImage } from '#orchestrator/fabric/docker/image.ts'
import { startTwoClouds, testEngine } from './docker-bench.ts'

/** Runs a lab in a process of its own and kills that in its midst. Returns the lab's id, and what it printed. */
async function killedRun(...args: string[]): Promise<{ id: string; text: string }> {
  const script = new URL('left-lab.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  child.kill('SIGKILL')
  await once(child, 'exit')
  return JSON.parse(line) as { id: string; text: string }
}

async function exists(engine: Engine, id: string): Promise<boolean> {
  return (await findRemains(engine, id)).length > 0
}

/** Makes an image out of nothing, labelled as a lab's are; returns its tag. */
async function makeImage(engine: Engine, title: string, version: string): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-image-'))
  await writeFile(join(folder.path, 'Dockerfile'), `FROM scratch\nLABEL version=${version}\n`)
  const tag = `${title}:${version}`
  const build = {
    tag,
    title,
    context: folder.path,
    files: ['Dockerfile'],
    dockerfile: 'Dockerfile',
  }
  await buildImage(engine, { ...build, buildArguments: {} }, { onProgress: () => {} })
  return tag
}

describe('clean on Docker', () => {
  let engine: Engine
  before(async () => {
    engine = await testEngine()
  })

  it('removes what a killed run left, and not the lab that still runs', async () => {
    await using bench = await startTwoClouds('listens')
    await using node = await bench.lab.startNode(bench.a)
    const { id } = await killedRun()
    const [left] = await findRemains(engine, id)
    assert.deepEqual([left?.containers.length, left?.networks.length], [3, 3])
    const removed = await bench.fabric.clean({ kept: false })
    assert.ok(
      removed.some((line) => line.includes(id) && line.includes('two-clouds')),
      removed.join('\n'),
    )
    assert.equal(await exists(engine, id), false)
    assert.equal(await exists(engine, bench.lab.id), true)
    assert.equal(node.name, 'A')
  })

  it('leaves a kept lab, which runs on after its process', async () => {
    const { id, text } = await killedRun('--keep')
    try {
      assert.match(text, new RegExp(`docker exec -it kadlab-${id}-A `))
      assert.match(text, new RegExp(`docker exec -it kadlab-${id}-east-router nft list ruleset`))
      assert.match(text, /kadlab clean --kept/)
      await using bench = await startTwoClouds('listens')
      await bench.fabric.clean({ kept: false })
      assert.equal(await exists(engine, id), true)
      const node = engine.docker.getContainer(`kadlab-${id}-A`)
      assert.equal((await node.inspect()).State.Running, true)
    } finally {
      await removeLab(engine, id)
    }
    assert.equal(await exists(engine, id), false)
  })

  it('removes images that no container uses, each by its own tag, and no others', async () => {
    const title = `kadlab-test-clean-${process.pid}`
    const old = await makeImage(engine, title, 'old')
    const used = await makeImage(engine, title, 'used')
    const other = await makeImage(engine, `${title}-other`, 'old')
    const container = await engine.docker.createContainer({ Image: used, Cmd: ['nothing'] })
    try {
      const [line, ...more] = await cleanImages(engine, { title })
      assert.match(line ?? '', /^1 images \(/)
      assert.deepEqual(more, [])
      assert.equal(await hasImage(engine, old), false)
      assert.equal(await hasImage(engine, used), true)
      assert.equal(await hasImage(engine, other), true)
    } finally {
      await container.remove()
      for (const each of [title, `${title}-other`]) await cleanImages(engine, { title: each })
    }
    assert.equal(await hasImage(engine, used), false)
    assert.deepEqual(await cleanImages(engine, { title }), [])
  })
})
