import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { licenceOf, type Manifest } from './licence.ts'

/** A file of a package that holds its licence, or what its licence wants handed on. */
const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i

/**
 * Names, versions and licence texts of the packages that bundled files come from. Licences want their texts handed on with
 * the code, and a bundle holds the code without them.
 *
 * @param files - paths of the bundled sources, from `root`
 */
export async function noticesOf(files: readonly string[], root: string): Promise<string> {
  const folders = packageFoldersOf(files)
  const notices = await Promise.all(folders.map((folder) => notice(join(root, folder))))
  const head = 'kadlab contains code of these packages.\n'
  return [head, ...notices.toSorted()].join(`\n${'-'.repeat(100)}\n\n`)
}

/** The folders of the packages that files come from, each once. */
export function packageFoldersOf(files: readonly string[]): string[] {
  return [...new Set(files.flatMap((file) => packageFolder(file) ?? []))]
}

/** `node_modules/a/node_modules/@b/c/dist/x.js` is of the package in `node_modules/a/node_modules/@b/c`. */
function packageFolder(file: string): string | null {
  return /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0] ?? null
}

async function notice(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
  const { name, version } = manifest
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).toSorted()
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return [`${name} ${version} (${licenceOf(manifest)})\n`, ...texts].join('\n')
}
