import { execFile } from 'node:child_process'
import { access, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hashFiles } from '#orchestrator/fabric/hash-files.ts'

const run = promisify(execFile)
const FOLDER = join(import.meta.dirname, 'helia-kv')
const FILES = ['package.json', 'package-lock.json', 'peer.mjs']

/** The words that start a helia node, whose packages are installed once for what is asked for. */
export async function heliaProgram(): Promise<string[]> {
  const hash = await hashFiles(FOLDER, FILES)
  const folder = join(FOLDER, 'target', hash)
  const ready = join(folder, 'ready')
  const isThere = await access(ready).then(
    () => true,
    () => false,
  )
  if (!isThere) {
    await mkdir(folder, { recursive: true })
    for (const file of FILES) await copyFile(join(FOLDER, file), join(folder, file))
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
    // Last: what was interrupted is made anew.
    await writeFile(ready, '')
  }
  return [process.execPath, join(folder, 'peer.mjs')]
}
