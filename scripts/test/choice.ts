import { globSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import type { Suite } from './suites.ts'

/** A suite, and which of its test files are wanted. */
export interface Chosen {
  suite: Suite
  /** Paths from the root, sorted. */
  files: string[]
}

/**
 * What the words of `npm test -- ...` choose: names of suites, test files, or folders of them; everything where there are
 * none.
 *
 * @throws RangeError where a word is none of these, or no test is there
 */
export function chooseTests(
  words: readonly string[],
  suites: readonly Suite[],
  { root, directory }: { root: string; directory: string },
): Chosen[] {
  const all = suites.map((suite) => ({
    suite,
    files: suite.files.flatMap((glob) => globSync(glob, { cwd: root })).toSorted(),
  }))
  if (words.length === 0) return all.filter(({ suite }) => suite.isSetUp?.() ?? true)
  const wanted = new Set(words.flatMap((word) => filesOf(word, all, { root, directory })))
  return all
    .map(({ suite, files }) => ({ suite, files: files.filter((file) => wanted.has(file)) }))
    .filter(({ files }) => files.length > 0)
}

function filesOf(
  word: string,
  all: readonly Chosen[],
  { root, directory }: { root: string; directory: string },
): string[] {
  const named = all.find(({ suite }) => suite.name === word)
  if (named !== undefined) return named.files
  // As the user sees it, or as the runner prints it.
  const path = [directory, root].map((from) => resolve(from, word)).find(exists)
  if (path === undefined) {
    const names = all.map(({ suite }) => suite.name).join(', ')
    throw new RangeError(`no suite or file ${word}: the suites are ${names}`)
  }
  const found = all.flatMap(({ files }) => files.filter((file) => isBelow(join(root, file), path)))
  if (found.length === 0) throw new RangeError(`no suite has a test at ${relative(root, path)}`)
  return found
}

function isBelow(file: string, path: string): boolean {
  return file === path || file.startsWith(path.endsWith(sep) ? path : `${path}${sep}`)
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
