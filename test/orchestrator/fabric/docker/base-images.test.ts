import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { BASE_IMAGES, baseImageAt } from '#orchestrator/fabric/docker/base-images.ts'

/** Everything that names an image which comes from a registry. */
const FILES = [
  'node/Dockerfile',
  'terraform/pack/Dockerfile',
  'orchestrator/foreign/*/Dockerfile',
  'compose.yaml',
  'compose/**/*.yaml',
  '.env.example',
  'compose/*/.env.example',
  'terraform/variables*.tf',
]
/** Repositories of others' images, by the names that stand here. */
const IMAGE =
  /(?<![\w/-])((?:node|debian|golang|rust|prom\/prometheus|grafana\/grafana):(?!node\b|compose\b)[\w.-]+)(@[\w:]+)?/g

describe('the images of others that anything here is built on', () => {
  it('are what an engine has under a plain tag for labs, where it has no pinned one', async () => {
    const { pinned, local } = BASE_IMAGES.NODE_IMAGE
    deepEqual([await at([]), await at([local]), await at([local, pinned])], [pinned, local, pinned])
    equal(await at([local], { NODE_IMAGE: 'mine:1' }), 'mine:1')
  })

  it('are named by their digests, and one tag by the same one everywhere', async () => {
    const digests = new Map<string, string>()
    for await (const path of glob(FILES)) {
      for (const [line, whole] of (await readFile(path, 'utf8')).split('\n').entries()) {
        // What is said of a variable is an example, and what a comment says starts nothing.
        if (/^\s*(error_message|description)|^# /.test(whole)) continue
        for (const [, tag = '', digest] of whole.matchAll(IMAGE)) {
          const where = `${path}:${line + 1} ${tag}`
          match(digest ?? 'no digest', /^@sha256:[0-9a-f]{64}$/, where)
          equal(digests.get(tag) ?? digest, digest, where)
          digests.set(tag, digest ?? '')
        }
      }
    }
    ok(digests.size >= 6, [...digests.keys()].join())
    for (const { pinned } of Object.values(BASE_IMAGES)) {
      const [tag = '', digest] = pinned.split('@')
      deepEqual(`@${digest}`, digests.get(tag), tag)
    }
  })
})

/** The base image of a lab's build at an engine that has these. */
async function at(images: string[], env = {}): Promise<string> {
  return baseImageAt(async (image) => images.includes(image), 'NODE_IMAGE', env)
}
