import assert from 'node:assert/strict'
import { cp, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { INPUTS, readInputs } from '#orchestrator/fabric/docker/image-inputs.ts'
import { bundleWebClient } from '#orchestrator/report/web-client.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')

/** What cargo makes is no source, and may be under way. */
function filter(path: string): boolean {
  return basename(path) !== 'target'
}

async function copySources(folder: string): Promise<void> {
  const tops = ['package.json', 'package-lock.json', 'scripts', 'node', 'orchestrator']
  for (const top of tops) {
    await cp(join(ROOT, top), join(folder, top), { recursive: true, filter })
  }
}

describe("an image's tag", () => {
  it('is the same for the same sources in another folder', async () => {
    await using copy = await mkdtempDisposable(join(tmpdir(), 'kadlab-sources-'))
    await copySources(copy.path)
    for (const target of ['node', 'router'] as const) {
      const here = await readInputs(ROOT, target, {})
      const there = await readInputs(copy.path, target, {})
      assert.equal(here.tag, there.tag)
      assert.match(here.tag, new RegExp(`^kadlab-${target}:[0-9a-f]{16}$`))
    }
  })

  it('changes with each input, and with nothing else', async () => {
    await using copy = await mkdtempDisposable(join(tmpdir(), 'kadlab-sources-'))
    await copySources(copy.path)
    const tags = async (): Promise<string[]> => [
      (await readInputs(copy.path, 'node', {})).tag,
      (await readInputs(copy.path, 'router', {})).tag,
    ]
    const append = (path: string): Promise<void> =>
      writeFile(join(copy.path, path), '\n', { flag: 'a' })
    const before = await tags()
    await append('orchestrator/run/events.ts')
    assert.deepEqual(await tags(), before)
    await append('node/errors.ts')
    const [node, router] = await tags()
    assert.notEqual(node, before[0])
    assert.equal(router, before[1])
    await append('node/Dockerfile')
    assert.notEqual((await tags())[1], router)
  })

  it('changes with a base image that is asked for', async () => {
    const own = await readInputs(ROOT, 'node', {})
    const other = await readInputs(ROOT, 'node', { NODE_IMAGE: 'node:24.12.0-bookworm-slim' })
    assert.notEqual(own.tag, other.tag)
    assert.deepEqual(own.buildArguments, {})
    assert.deepEqual(other.buildArguments, { NODE_IMAGE: 'node:24.12.0-bookworm-slim' })
  })
})

describe('the inputs of the images', () => {
  it('are all there', async () => {
    const { files } = await readInputs(ROOT, 'node', {})
    for (const file of INPUTS.node.filter((each) => !each.includes('*'))) {
      assert.ok(files.includes(file), file)
    }
    assert.ok(files.includes('orchestrator/probe/agent-main.ts'))
    assert.ok(!files.some((file) => file.startsWith('test/')))
  })

  it("hold everything that the cluster's page is made from", async () => {
    const { files } = await readInputs(ROOT, 'node', {})
    const { inputs } = await bundleWebClient(ROOT)
    const own = inputs.filter((path) => !path.startsWith('node_modules/'))
    assert.ok(own.includes('orchestrator/web/main.ts'))
    assert.deepEqual(
      own.filter((path) => !files.includes(path)),
      [],
    )
    for (const path of [
      'orchestrator/web/style.css',
      'scripts/pack/page.ts',
      'node/base/sources.ts',
    ]) {
      assert.ok(files.includes(path), path)
    }
  })

  it('hold everything that the Dockerfile copies', async () => {
    const dockerfile = await readFile(join(ROOT, 'node/Dockerfile'), 'utf8')
    const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
    const sources = copies.flatMap(([, paths = '']) => paths.split(' '))
    assert.ok(sources.length > 0)
    const { files } = await readInputs(ROOT, 'node', {})
    for (const source of sources) {
      assert.ok(
        files.some((file) => file === source || file.startsWith(`${source}/`)),
        source,
      )
    }
  })
})
