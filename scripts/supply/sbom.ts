// npm run sbom [-- <file>]: a software bill of materials of the image, as CycloneDX 1.5 JSON, on standard output or into a file.
import { execFile } from 'node:child_process'
import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundleWebClient } from '#orchestrator/report/web-client.ts'
import { readWords } from '../base/words.ts'
import { bundleSources } from '../pack/bundle.ts'
import type { Manifest } from '../pack/licence.ts'
import { packageFoldersOf } from '../pack/notices.ts'
import { imageBom } from './image-bom.ts'

const USAGE = `
Usage: npm run sbom [-- <file>]

Writes what the node's image holds of others' packages as CycloneDX 1.5 JSON. What the base image holds is for its
own bill of materials.
Exit status: 0 written, 1 a bundled package is not listed by npm, 2 wrong use.
`

const root = resolve(import.meta.dirname, '../..')
const { positionals } = readWords(USAGE, { allowPositionals: true })

await using folder = await mkdtempDisposable(join(tmpdir(), 'kadlab-sbom-'))
const sources = [...(await bundleSources(folder.path)), ...(await bundleWebClient(root)).inputs]
const bundled = new Set<string>()
for (const each of packageFoldersOf(sources)) {
  const manifest = await readFile(join(root, each, 'package.json'), 'utf8')
  const { name, version } = JSON.parse(manifest) as Manifest
  bundled.add(`${name}@${version}`)
}
const words = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']
const { stdout } = await promisify(execFile)('npm', words, { cwd: root, maxBuffer: 2 ** 26 })
const text = `${JSON.stringify(imageBom(stdout, bundled), null, 2)}\n`
const [file] = positionals
if (file === undefined) process.stdout.write(text)
else {
  await mkdir(dirname(resolve(file)), { recursive: true })
  await writeFile(file, text)
  console.log(`${file}: ${bundled.size} packages`)
}
