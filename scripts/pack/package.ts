// node scripts/pack/package.ts (npm runs it after `npm ci` and before `npm pack`): makes dist/, what the npm package holds beside its
// launchers, and what a checkout runs while its sources are the same.
// The programs are bundled with everything that they import: a package is installed without a lock file, and what
// kadlab patches of its libraries holds for the very versions that were tested.
import { existsSync } from 'node:fs'
import { copyFile, glob, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { INPUTS } from '#orchestrator/fabric/docker/image-inputs.ts'
import { FOREIGN_SOURCES } from '#orchestrator/fabric/foreign-sources.ts'
import { bundleWebClient, LAB_CLIENT, WEB_CLIENT } from '#orchestrator/report/web-client.ts'
import { isMadeFromSources, noteSources } from '../made-from.mjs'
import { placeEveryAddOn } from './bundle/every-add-on.ts'
import { oneLanguage } from './bundle/one-language.ts'
import { packedPrefixes } from './bundle/packed-prefixes.ts'
import { plainOrder } from './bundle/plain-order.ts'
import { sourcesFolder } from './bundle/sources-folder.ts'
import { noticesOf } from './notices.ts'

const root = resolve(import.meta.dirname, '../..')

/** Programs that are started, most of them by scripts/launch.mjs, by their sources; each is made under the same path. */
const PROGRAMS = [
  'orchestrator/cli.ts',
  'node/main.ts',
  'scripts/peers.ts',
  // Runs in namespaces.
  'orchestrator/probe/agent-main.ts',
]

/** Every scenario in it is of the catalogue. */
const CATALOGUE = 'orchestrator/scenarios'

/** Pages, whose scripts a package carries ready-made. */
const WEB_CLIENTS = [WEB_CLIENT, LAB_CLIENT]

/** What the programs read while they run: scenarios and schemas, and what images are built from. */
const READ = [
  `${CATALOGUE}/*.yaml`,
  'orchestrator/scenario/scenario.schema.json',
  ...WEB_CLIENTS.map(({ style }) => style),
  ...Object.values(INPUTS).flat(),
  ...FOREIGN_SOURCES.flatMap(({ folder, inputs }) => inputs.map((input) => `${folder}/${input}`)),
]

// The CommonJS parts of an ES module bundle ask for these, which Node does not give to ES modules.
const banner = `import { createRequire as kadlabRequire } from 'node:module';const require = kadlabRequire(import.meta.url);const __dirname = import.meta.dirname;`

/** Makes the contents of the package in an empty folder. Resolves to the paths of this checkout that it is made from. */
export async function makePackage(folder: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: PROGRAMS.map((path) => ({ in: path, out: path.replace(/\.ts$/, '') })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    // One folder deep, as the programs are: they find `sources` and `prebuilds` from there.
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: banner },
    legalComments: 'none',
    // Makes pages in a checkout alone: a package carries theirs ready-made.
    external: ['esbuild'],
    metafile: true,
    logLevel: 'warning',
    plugins: [placeEveryAddOn(folder), oneLanguage, packedPrefixes, plainOrder, sourcesFolder],
  })
  const read = await Array.fromAsync(glob([...new Set(READ)], { cwd: root }))
  for (const path of read) {
    const target = join(folder, 'sources', path)
    await mkdir(dirname(target), { recursive: true })
    await copyFile(join(root, path), target)
  }
  const inputs: string[] = []
  for (const place of WEB_CLIENTS) {
    const client = await bundleWebClient(root, place)
    inputs.push(...client.inputs)
    await mkdir(join(folder, 'sources', dirname(place.packed)), { recursive: true })
    await writeFile(join(folder, 'sources', place.packed), client.script)
  }
  const notices = await noticesOf([...Object.keys(metafile.inputs), ...inputs], root)
  await writeFile(join(folder, 'THIRD-PARTY-NOTICES.txt'), notices)
  const own = [...Object.keys(metafile.inputs), ...inputs].filter(
    (path) => !path.startsWith('node_modules/') && existsSync(join(root, path)),
  )
  const makers = await Array.fromAsync(glob('scripts/pack/**/*.ts', { cwd: root }))
  const files = [...own, ...read, ...makers, 'package.json', 'package-lock.json']
  // Any file that is new elsewhere counts once one of these names it.
  return [...files, CATALOGUE]
}

if (process.argv[1] === import.meta.filename) {
  const folder = join(root, 'dist')
  // Programs that run from it load its parts when they need them: what is as it should be stays.
  if (isMadeFromSources(root) && existsSync(join(folder, 'orchestrator/cli.mjs'))) process.exit(0)
  await rm(folder, { recursive: true, force: true })
  noteSources(root, await makePackage(folder))
}
