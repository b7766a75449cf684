// node scripts/bundle.ts [--chunks] [<folder>]: makes the programs of the image, one file each or in chunks, and the
// native add-on beside them.
// The same sources give the same bytes, whatever the machine and the folder.
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build, type Plugin } from 'esbuild'
import { packedPrefixes } from './packed-prefixes.ts'

const root = resolve(import.meta.dirname, '..')

/** The programs of the image: name of the file, and where it starts. */
const PROGRAMS: Readonly<Record<string, string>> = {
  kadlab: 'node/main.ts',
  health: 'node/health.ts',
  agent: 'orchestrator/proof/agent-main.ts',
}

/** What the native add-on is called beside the bundle. */
const ADD_ON = 'classic-level.node'

/**
 * classic-level searches its own folder for the binary that fits the machine; in a bundle there is no such folder, so
 * the one binary is copied beside the bundle and named outright.
 */
function placeAddOn(folder: string): Plugin {
  return {
    name: 'native-add-on',
    setup(steps) {
      steps.onLoad({ filter: /[\\/]classic-level[\\/]binding\.js$/ }, async ({ path }) => {
        const level = dirname(path)
        const { path: find } = createRequire(path)('node-gyp-build') as AddOnFinder
        await copyFile(find(level), join(folder, ADD_ON))
        return { contents: `module.exports = require('./${ADD_ON}')`, loader: 'js' }
      })
      steps.onResolve({ filter: /\.node$/ }, ({ path }) => ({ path, external: true }))
    },
  }
}

interface AddOnFinder {
  /** The binary that fits this machine, among those that a package brings along. */
  path: (packageFolder: string) => string
}

/** zod brings its messages in fifty languages, a sixth of the bundle; its own default is English. */
const oneLanguage: Plugin = {
  name: 'one-language',
  setup(steps) {
    steps.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js'`,
      loader: 'js',
    }))
  },
}

/**
 * A module that is imported late is part of the one file, and what it imports of Node would be loaded with that file: for
 * HTTP and compression a third of a node's start, in a node that may never serve HTTP. So these are asked for when the
 * module that needs them runs.
 */
const lateBuiltins: Plugin = {
  name: 'late-builtins',
  setup(steps) {
    const filter = /^(node:)?(http|http2|https|zlib|cluster|tls|readline|child_process)$/
    const namespace = 'late-builtin'
    steps.onResolve({ filter }, ({ path }) => ({ path: path.replace('node:', ''), namespace }))
    steps.onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}')`,
      loader: 'js',
    }))
  },
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
export async function bundle(
  folder: string,
  { chunks = false }: BundleOptions = {},
): Promise<string[]> {
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
    plugins: [placeAddOn(folder), oneLanguage, lateBuiltins, packedPrefixes],
  })
  return Object.keys(metafile.outputs).map((path) => resolve(root, path))
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
