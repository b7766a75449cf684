// node scripts/pack/bundle.ts [--chunks] [<folder>]: makes the programs of the image, one file each or in chunks, and the
// native add-on beside them.
// The same sources give the same bytes, whatever the machine and the folder.
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build, type Metafile } from 'esbuild'
import { lateBuiltins } from './bundle/late-builtins.ts'
import { placeAddOn } from './bundle/native-add-on.ts'
import { oneLanguage } from './bundle/one-language.ts'
import { packedPrefixes } from './bundle/packed-prefixes.ts'
import { plainOrder } from './bundle/plain-order.ts'

const root = resolve(import.meta.dirname, '../..')

/** The programs of the image: name of the file, and where it starts. */
const PROGRAMS: Readonly<Record<string, string>> = {
  kadlab: 'node/main.ts',
  health: 'node/health.ts',
  agent: 'orchestrator/probe/agent-main.ts',
}

// The CommonJS parts of an ES module bundle ask for a `require`, which Node does not give to ES modules.
const banner = `import { createRequire as kadlabRequire } from 'node:module';const require = kadlabRequire(import.meta.url);`

export interface BundleOptions {
  /**
   * Puts what a program imports late, and what programs have in common, in files of their own: a node that serves no
   * HTTP then neither reads it nor keeps it in memory. Default: each program is one file.
   */
  chunks?: boolean
}

/** Makes the bundles; returns the paths of all files made. */
export async function bundle(folder: string, options: BundleOptions = {}): Promise<string[]> {
  const { outputs } = await buildInto(folder, options)
  return Object.keys(outputs).map((path) => resolve(root, path))
}

/** Makes the bundles; returns what they were made of, as paths from the root of the repository. */
export async function bundleSources(folder: string): Promise<string[]> {
  const { inputs } = await buildInto(folder, {})
  return Object.keys(inputs)
}

async function buildInto(folder: string, { chunks = false }: BundleOptions): Promise<Metafile> {
  await mkdir(folder, { recursive: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.entries(PROGRAMS).map(([out, path]) => ({ in: path, out })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: chunks,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: banner },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [placeAddOn(folder), oneLanguage, lateBuiltins, packedPrefixes, plainOrder],
  })
  return metafile
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { chunks: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const folder = resolve(positionals[0] ?? join(root, 'dist'))
  for (const path of await bundle(folder, values)) {
    const bytes = (await readFile(path)).length
    console.log(`${path} ${(bytes / 1024).toFixed(0)} kB`)
  }
}
