// npm run docs: writes every generated file, and every generated part of the documents, anew.
// npm run docs:check (--check): writes nothing, names what is stale, and ends with 1.
import { globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readWords } from '../base/words.ts'
import { fillSections } from './markers.ts'
import { GENERATED_FILES } from './schemas.ts'
import { SECTIONS } from './sections.ts'

const DOCUMENTS = ['*.md', 'docs/**/*.md', 'node/**/*.md', 'orchestrator/**/*.md', 'terraform/*.md']

const USAGE = `
Usage: npm run docs [-- --check]

Writes every generated file, and every generated part of the documents, anew. --check writes nothing and names what is
stale. Exit status: 0 everything is fresh by now, 1 something is stale (--check), 2 wrong use.
`

const { check } = readWords(USAGE, {
  options: { check: { type: 'boolean', default: false } },
}).values
const stale: string[] = []

async function put(path: string, text: string): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => null)
  if (before === text) return
  stale.push(path)
  if (check) return
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

for (const [path, text] of Object.entries(GENERATED_FILES)) await put(path, text)
const made = new Map<string, string>()
for (const [name, make] of Object.entries(SECTIONS)) made.set(name, await make())
for (const path of DOCUMENTS.flatMap((glob) => globSync(glob)).toSorted()) {
  await put(path, fillSections(await readFile(path, 'utf8'), made, path))
}

if (stale.length > 0) {
  console.log(
    check
      ? `stale: ${stale.join(', ')}; npm run docs makes them anew`
      : `wrote ${stale.join(', ')}`,
  )
}
process.exitCode = check && stale.length > 0 ? 1 : 0
