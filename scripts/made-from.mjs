// What dist/ was made from, and whether it is still so. Plain JavaScript: it is asked before anything else is loaded.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const RECORD = path.join('.cache', 'made-from.json')

/** A file is taken for the same while size and time of change are; a folder, while no entry comes or goes. */
function stampOf(file) {
  const { size, mtimeMs } = statSync(file)
  return `${size} ${mtimeMs}`
}

/** Notes what dist/ was made from. */
export function noteSources(root, paths) {
  const stamps = Object.fromEntries(paths.map((each) => [each, stampOf(path.join(root, each))]))
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  writeFileSync(path.join(root, RECORD), JSON.stringify(stamps))
}

/** Whether dist/ was made from the sources as they are now; false where nobody knows. */
export function isMadeFromSources(root) {
  try {
    const stamps = Object.entries(JSON.parse(readFileSync(path.join(root, RECORD), 'utf8')))
    return stamps.every(([file, stamp]) => stampOf(path.join(root, file)) === stamp)
  } catch {
    return false
  }
}
