import { glob, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse } from '@cdktf/hcl2json'
import { code, table } from './table.ts'

const MODULE = resolve(import.meta.dirname, '../../terraform')

interface Input {
  description: string
  type: string
  default?: unknown
  nullable?: boolean
}

interface Output {
  description: string
  sensitive?: boolean
}

interface Parsed {
  variable?: Record<string, Input[]>
  output?: Record<string, Output[]>
  module?: Record<string, { source: string }[]>
  resource?: Record<string, Record<string, unknown>>
  data?: Record<string, Record<string, unknown>>
  terraform?: {
    required_version?: string
    required_providers?: Record<string, { source: string; version: string }>[]
  }[]
}

async function parsed(): Promise<Parsed[]> {
  const files = (await Array.fromAsync(glob('*.tf', { cwd: MODULE }))).toSorted()
  return Promise.all(
    files.map(
      async (file) => (await parse(file, await readFile(join(MODULE, file), 'utf8'))) as Parsed,
    ),
  )
}

function named<T>(files: readonly Parsed[], kind: 'variable' | 'output' | 'module'): [string, T][] {
  return files
    .flatMap((file) => Object.entries((file[kind] ?? {}) as Record<string, T[]>))
    .flatMap(([name, [block]]): [string, T][] => (block === undefined ? [] : [[name, block]]))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
}

const cell = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ')

function typeOf({ type }: Input): string {
  const plain = type.replaceAll(/^\$\{|\}$/g, '')
  return plain.startsWith('object') ? 'object' : plain
}

/** The module's inputs as terraform-docs puts them, sorted by name. */
export async function terraformInputs(): Promise<string> {
  return table(
    ['Name', 'Description', 'Type', 'Default', 'Required'],
    named<Input>(await parsed(), 'variable').map(([name, input]) => [
      code(name),
      cell(input.description),
      code(typeOf(input)),
      'default' in input ? code(JSON.stringify(input.default)) : 'n/a',
      'default' in input ? 'no' : 'yes',
    ]),
  )
}

/** The module's outputs as terraform-docs puts them, sorted by name. */
export async function terraformOutputs(): Promise<string> {
  return table(
    ['Name', 'Description'],
    named<Output>(await parsed(), 'output').map(([name, { description, sensitive }]) => [
      code(name),
      `${cell(description)}${sensitive === true ? ' Sensitive.' : ''}`,
    ]),
  )
}

/** What the module needs, and what it is made of: versions, modules, resources, data sources. */
export async function terraformParts(): Promise<string> {
  const files = await parsed()
  const blocks = files.flatMap(({ terraform = [] }) => terraform)
  const needs = blocks.flatMap(({ required_version, required_providers = [] }) => [
    ...(required_version === undefined ? [] : [['terraform', required_version]]),
    ...required_providers.flatMap((providers) =>
      Object.entries(providers).map(([name, { version }]) => [name, version]),
    ),
  ])
  const types = (kind: 'resource' | 'data'): string[] =>
    files.flatMap((file) =>
      Object.entries(file[kind] ?? {}).flatMap(([type, names]) =>
        Object.keys(names).map((name) => `${type}.${name}`),
      ),
    )
  const rows = [
    ...needs.map(([name = '', version = '']) => ['Requirement', code(name), code(version)]),
    ...named<{ source: string }>(files, 'module').map(([name, { source }]) => [
      'Module',
      code(name),
      code(source),
    ]),
    ...types('resource')
      .toSorted()
      .map((name) => ['Resource', code(name), '']),
    ...types('data')
      .toSorted()
      .map((name) => ['Data source', code(name), '']),
  ]
  return table(['Kind', 'Name', 'Version or source'], rows)
}
