import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, it } from 'node:test'

const ROOT = resolve(import.meta.dirname, '../../..')
const DOCUMENTS = ['*.md', 'docs/**/*.md', 'orchestrator/**/*.md', 'terraform/*.md']

/** As GitHub makes them: lower case, dashes for spaces, nothing else than letters, digits and dashes. */
function anchorsOf(text: string): Set<string> {
  const heads = text.matchAll(/^#+ (.+)$/gm)
  return new Set(
    [...heads].map(([, head = '']) =>
      head
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

describe('links of the documents', () => {
  const documents = DOCUMENTS.flatMap((glob) => globSync(glob, { cwd: ROOT }))

  for (const document of documents) {
    it(`lead somewhere: ${document}`, () => {
      const text = readFileSync(join(ROOT, document), 'utf8')
      const targets = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)]
      for (const [, target = ''] of targets) {
        const [path = '', anchor] = target.split('#')
        const file = path === '' ? join(ROOT, document) : join(ROOT, dirname(document), path)
        assert.ok(existsSync(file), `${document}: ${target}`)
        if (anchor === undefined) continue
        assert.ok(anchorsOf(readFileSync(file, 'utf8')).has(anchor), `${document}: ${target}`)
      }
    })
  }

  it('are looked at in every document that people read', () => {
    assert.ok(documents.includes('README.md'))
    assert.ok(documents.includes('docs/architecture.md'))
  })
})
