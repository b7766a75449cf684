// npm run pack-node [-- <version>]: packs the node for `terraform apply` into terraform/.pack/kadlab-<version>.tar.
// The version is the hash of the sources, which terraform/pack.tf computes too: where the two disagree nothing is packed.
import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { readWords } from '../base/words.ts'
import { pack, packVersion } from './pack.ts'

const USAGE = `
Usage: npm run pack-node [-- <version>]

Packs the node for \`terraform apply\` into terraform/.pack/kadlab-<version>.tar. The version is the hash of the sources.
Exit status: 0 packed, 1 the sources are of another version than the one that is named, 2 wrong use.
`

const { positionals } = readWords(USAGE, { allowPositionals: true })
const root = resolve(import.meta.dirname, '../..')
const version = await packVersion(root)
const wanted = positionals[0] ?? version
if (wanted !== version) {
  console.error(
    `Terraform planned version ${wanted} of the pack, and the sources are now version ${version}: plan again`,
  )
  process.exit(1)
}
const bytes = await pack()
const target = join(root, 'terraform/.pack', `kadlab-${version}.tar`)
await mkdir(dirname(target), { recursive: true })
await writeFile(`${target}.${process.pid}`, bytes)
await rename(`${target}.${process.pid}`, target)
const digest = createHash('sha256').update(bytes).digest('hex')
console.log(`${target}: ${(bytes.length / 1e6).toFixed(1)} MB, SHA-256 ${digest}`)
