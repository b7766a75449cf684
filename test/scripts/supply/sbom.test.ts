import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { imageBom } from '../../../scripts/supply/image-bom.ts'

const WHOLE = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  metadata: { component: { name: 'a-folder' } },
  components: [
    { 'bom-ref': 'a@1.0.0', name: 'a', version: '1.0.0', hashes: [{ content: 'x' }] },
    { 'bom-ref': 'b@1.0.0', name: 'b', version: '1.0.0' },
    { 'bom-ref': 'a@2.0.0', name: 'a', version: '2.0.0' },
  ],
  dependencies: [
    { ref: 'kadlab@0.1.0', dependsOn: ['a@1.0.0'] },
    { ref: 'a@1.0.0', dependsOn: ['b@1.0.0', 'a@2.0.0'] },
    { ref: 'b@1.0.0' },
  ],
}

describe('the bill of materials of the image', () => {
  it('lists what is bundled with its hashes, and nothing else', () => {
    const bom = imageBom(JSON.stringify(WHOLE), new Set(['a@1.0.0', 'b@1.0.0']))
    assert.deepEqual(JSON.parse(JSON.stringify(bom)), {
      ...WHOLE,
      metadata: { component: { name: 'kadlab', type: 'container' } },
      components: [
        { ...WHOLE.components[0], scope: 'required' },
        { ...WHOLE.components[1], scope: 'required' },
      ],
      dependencies: [
        { ref: 'a@1.0.0', dependsOn: ['b@1.0.0'] },
        { ref: 'b@1.0.0', dependsOn: [] },
      ],
    })
  })

  it('is not made where npm does not list what is bundled', () => {
    assert.throws(() => imageBom(JSON.stringify(WHOLE), new Set(['c@1.0.0'])), {
      message: /saw none of c@1\.0\.0/,
    })
  })

  it('is that of the real image: what it speaks with is in it, what builds and tests it is not', async () => {
    const options = { maxBuffer: 2 ** 26, timeout: 120_000 }
    const { stdout } = await promisify(execFile)('npm', ['run', '-s', 'sbom'], options)
    const { components } = JSON.parse(stdout) as {
      components: { name: string; purl: string; hashes?: unknown[] }[]
    }
    const names = components.map(({ name }) => name)
    for (const name of ['libp2p', '@libp2p/kad-dht', 'classic-level', 'hono', 'pino']) {
      assert.ok(names.includes(name), name)
    }
    for (const name of ['esbuild', 'typescript', 'playwright-core', 'fast-check', 'oxlint']) {
      assert.ok(!names.includes(name), name)
    }
    for (const { purl, hashes = [] } of components) {
      assert.match(purl, /^pkg:npm\//)
      assert.ok(hashes.length > 0, purl)
    }
  })
})
