import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { describeError } from '#node/base/errors.ts'
import type { BaseText, FindBase } from '../scenario/extends.ts'
import { didYouMean } from '../words/nearest.ts'
import { fileLabel, FOLDER, isPath } from './folder.ts'

/**
 * Finds what a scenario extends: a file by its path from that scenario's, all else in the catalogue.
 *
 * @param directory - from which messages name files
 */
export function findBase(directory: string): FindBase {
  return (name, from) => {
    if (!isPath(name)) return inCatalogue(name, directory)
    if (from === null) {
      return { why: `expected the name of a scenario of the catalogue, saw the path ${name}` }
    }
    return read(resolve(dirname(from), name), directory)
  }
}

function inCatalogue(name: string, directory: string): ReturnType<FindBase> {
  const path = join(FOLDER, `${basename(name)}.yaml`)
  if (existsSync(path)) return read(path, directory)
  const names = readdirSync(FOLDER).map((file) => basename(file, '.yaml'))
  const why = `no scenario is called '${name}'${didYouMean(name, names)}; a file is meant by its path, such as ./${name}.yaml`
  return { why }
}

function read(path: string, directory: string): BaseText | { why: string } {
  const file = fileLabel(path, directory)
  try {
    return { text: readFileSync(path, 'utf8'), file, place: path }
  } catch (error) {
    return { why: `expected a scenario to extend, cannot read ${file}: ${describeError(error)}` }
  }
}
