import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { bundle } from './bundle.ts'
import { tar } from './tar.ts'

const root = resolve(import.meta.dirname, '../..')

/** What the pack's bytes depend on, as in terraform/pack.tf. */
export const PACK_PATTERNS = [
  'node/**/*.ts',
  'package.json',
  'package-lock.json',
  'scripts/pack/bundle.ts',
  'scripts/pack/bundle/*.ts',
  'scripts/pack/pack.ts',
  'scripts/pack/tar.ts',
  'terraform/pack/Dockerfile',
]

/** The add-on's builds for the processors that a VM may have, by Debian's name of the architecture. */
const ADD_ONS = {
  amd64: 'prebuilds/linux-x64/classic-level.node',
  arm64: 'prebuilds/linux-arm64/classic-level.armv8.node',
}

/** 16 hexadecimal digits that stand for the sources of the pack. */
export async function packVersion(project: string): Promise<string> {
  const sources = [...new Set(globSync(PACK_PATTERNS, { cwd: project }))]
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
  const total = createHash('sha256')
  for (const source of sources) {
    const bytes = await readFile(join(project, source))
    total.update(`${source} ${createHash('sha256').update(bytes).digest('hex')}\n`)
  }
  return total.digest('hex').slice(0, 16)
}

/** The folder of classic-level, which brings its builds for every platform along. */
function classicLevel(): string {
  // By way of its owner, since npm may have put it beneath. No path of the owner itself can be required: ES modules only.
  const owner = createRequire(join(root, 'node_modules/datastore-level/package.json'))
  return dirname(owner.resolve('classic-level/package.json'))
}

/** The pack's bytes: the context of an image build, with the bundle made. */
export async function pack(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'kadlab-pack-'))
  try {
    await bundle(folder)
    const addOns = Object.entries(ADD_ONS).map(async ([architecture, path]) => ({
      name: `classic-level.${architecture}.node`,
      bytes: await readFile(join(classicLevel(), path)),
    }))
    return tar([
      { name: 'Dockerfile', bytes: await readFile(join(root, 'terraform/pack/Dockerfile')) },
      { name: 'kadlab.mjs', bytes: await readFile(join(folder, 'kadlab.mjs')) },
      ...(await Promise.all(addOns)),
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
