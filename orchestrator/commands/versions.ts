import { readFile } from 'node:fs/promises'
import { VERSION } from '#node/base/version.ts'

/** The versions that a report carries. */
export async function runVersions(engine: string | null): Promise<Record<string, string>> {
  return {
    kadlab: VERSION,
    libp2p: await installedVersion('libp2p'),
    node: process.versions.node,
    ...(engine !== null && { engine }),
  }
}

/** Read from the installed package: importing it would load it. */
async function installedVersion(name: string): Promise<string> {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string }
  return version
}
