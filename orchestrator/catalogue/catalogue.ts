import { access, readdir, readFile } from 'node:fs/promises'
import { basename, isAbsolute, join, resolve } from 'node:path'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { ScenarioError } from '../scenario/errors.ts'
import { fabricsFor } from '../scenario/fabric-fit.ts'
import type { FabricName } from '../scenario/fabrics.ts'
import { type LoadedScenario } from '../scenario/load.ts'
import { didYouMean } from '../words/nearest.ts'
import { fileLabel, FOLDER, isPath } from './folder.ts'
import { loadScenario } from './load-file.ts'

/** One scenario of the catalogue. */
export interface CatalogueEntry {
  name: string
  title: string
  /** As its file names them: what has a count, once. */
  sites: string[]
  nodes: string[]
  variants: string[]
  /** The fabrics that can run it. */
  fabrics: FabricName[]
}

export interface CatalogueOptions extends AbortOptions {
  /** Folder that relative paths start at. Default: the current one. */
  directory?: string
}

/** Names of the scenarios that kadlab brings along, in alphabetical order. */
export async function scenarioNames(): Promise<string[]> {
  const files = await readdir(FOLDER)
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .toSorted()
}

/** The text of a scenario that kadlab brings along; null where none has that name. */
export async function scenarioText(name: string): Promise<string | null> {
  const names = await scenarioNames()
  return names.includes(name) ? readFile(join(FOLDER, `${name}.yaml`), 'utf8') : null
}

/** Every scenario that kadlab brings along. */
export async function catalogue(options: CatalogueOptions = {}): Promise<CatalogueEntry[]> {
  const names = await scenarioNames()
  return Promise.all(
    names.map(async (name) => {
      const { scenario } = await findScenario(name, options)
      const { title, sites, nodes, variants = {}, groups = {} } = scenario
      return {
        name,
        title,
        sites: namesIn(sites, groups),
        nodes: namesIn(nodes, groups),
        variants: Object.keys(variants),
        fabrics: fabricsFor(scenario),
      }
    }),
  )
}

/**
 * The scenario of that name, or in the file of that path (what holds a slash or ends in .yaml or .yml).
 *
 * @throws ScenarioError with the nearest names where there is none
 */
export async function findScenario(
  nameOrPath: string,
  { directory = process.cwd(), ...options }: CatalogueOptions = {},
): Promise<LoadedScenario> {
  if (isPath(nameOrPath)) {
    const path = isAbsolute(nameOrPath) ? nameOrPath : resolve(directory, nameOrPath)
    return loadScenario(path, { ...options, directory, label: nameOrPath })
  }
  const names = await scenarioNames()
  if (!names.includes(nameOrPath)) {
    const inFolder = await access(resolve(directory, `${nameOrPath}.yaml`)).then(
      () => ` A file is meant by its path: ./${nameOrPath}.yaml.`,
      () => '',
    )
    throw new ScenarioError(
      `no scenario is called '${nameOrPath}'${didYouMean(nameOrPath, names)}\n` +
        `There are: ${names.join(', ')}.${inFolder}`,
    )
  }
  const path = join(FOLDER, `${nameOrPath}.yaml`)
  return loadScenario(path, { ...options, directory, label: fileLabel(path, directory) })
}

/** The names that a file gives: of copies, what they are copies of. */
function namesIn(specs: object, groups: Readonly<Record<string, readonly string[]>>): string[] {
  const origins = new Map(
    Object.entries(groups).flatMap(([name, copies]) => copies.map((copy) => [copy, name] as const)),
  )
  return [...new Set(Object.keys(specs).map((name) => origins.get(name) ?? name))]
}
