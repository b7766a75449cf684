import { join, relative } from 'node:path'
import { SOURCES } from '#node/base/sources.ts'

/** The scenarios that kadlab brings along. */
export const FOLDER = join(SOURCES, 'orchestrator/scenarios')

/** Whether somebody who names a scenario means a file. */
export function isPath(nameOrPath: string): boolean {
  return /[/\\]|\.ya?ml$/.test(nameOrPath)
}

/** How messages name a file: from a folder, where it stands below that. */
export function fileLabel(path: string, directory: string): string {
  const label = relative(directory, path)
  return label.startsWith('..') ? path : label
}
