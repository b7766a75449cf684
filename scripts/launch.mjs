// Starts a TypeScript entry on Node 24, or what it was made into where kadlab is a package. Plain JavaScript that an old
// Node can parse, so that it can say what is missing.
// Usage: node scripts/launch.mjs <entry.ts> [arguments]
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(
    `kadlab needs Node 24.12 or newer and found ${process.versions.node}: install Node 24 (https://nodejs.org), ` +
      'or install kadlab without --ignore-scripts and --omit=optional, which brings it along.',
  )
  process.exitCode = 2
} else {
  const { existsSync } = await import('node:fs')
  const { pathToFileURL } = await import('node:url')
  const path = await import('node:path')
  const { enableCompileCache } = await import('node:module')
  const root = path.join(import.meta.dirname, '..')
  enableCompileCache?.(path.join(root, 'node_modules', '.cache', 'compile'))
  // The engine is the orchestrator's to examine; people ask the doctor for it.
  const { argv } = process
  const aside = argv.indexOf('--engine')
  if (argv[2] === 'node/main.ts' && argv[3] === 'doctor' && aside !== -1) {
    argv.splice(aside, 1)
    argv.splice(2, 2, 'orchestrator/cli.ts', 'engine')
  }
  const source = path.resolve(root, process.argv[2])
  const made = path.resolve(root, 'dist', process.argv[2].replace(/\.ts$/, '.mjs'))
  // Node strips no types below node_modules, so a package holds no sources. A clone holds both after `npm ci`: what was made starts
  // in half the time, and counts while no source has changed.
  const isMade = existsSync(made) && (await isStillMade())
  const entry = isMade ? made : source

  async function isStillMade() {
    if (!existsSync(source)) return true
    const { isMadeFromSources } = await import('./made-from.mjs')
    return isMadeFromSources(root)
  }
  process.argv.splice(1, 2, entry)
  await import(pathToFileURL(entry).href)
}
