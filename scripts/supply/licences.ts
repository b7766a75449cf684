// npm run licences: looks at the licence of every installed package; ends with 1 where one is not allowed.
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ALLOWED, isAllowed, licenceOf, type Manifest } from '../pack/licence.ts'

const root = resolve(import.meta.dirname, '../..')

interface Lock {
  packages: Record<string, { optional?: boolean }>
}

const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock
const refused: string[] = []
let seen = 0
for (const folder of Object.keys(lock.packages).filter((path) => path !== '')) {
  // What is for another platform is locked, and not installed.
  const [file] = globSync('package.json', { cwd: join(root, folder) })
  if (file === undefined) continue
  const manifest = JSON.parse(await readFile(join(root, folder, file), 'utf8')) as Manifest
  const licence = licenceOf(manifest)
  seen += 1
  if (isAllowed(licence)) continue
  refused.push(
    `${manifest.name} ${manifest.version}: ${licence === '' ? 'names no licence' : licence}`,
  )
}
for (const line of refused) console.error(line)
if (refused.length > 0) {
  console.error(
    `expected ${[...ALLOWED].join(', ')}; take another package, or allow it in licence.ts`,
  )
  process.exitCode = 1
} else if (seen === 0) {
  console.error('no package is installed: npm ci')
  process.exitCode = 1
}
