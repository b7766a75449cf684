import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse } from '@cdktf/hcl2json'

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

async function blocks<T>(file: string, kind: 'variable' | 'output'): Promise<[string, T][]> {
  const parsed = (await parse(file, await readFile(join(MODULE, file), 'utf8'))) as Record<
    string,
    Record<string, T[]>
  >
  return Object.entries(parsed[kind] ?? {}).flatMap(([name, [block]]) =>
    block === undefined ? [] : [[name, block] as [string, T]],
  )
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')

function typeOf({ type }: Input): string {
  const plain = type.replaceAll(/^\$\{|\}$/g, '')
  return plain.startsWith('object') ? 'object' : plain
}

function rows(head: string[], body: string[][]): string {
  const lines = [head, head.map(() => '---'), ...body.toSorted(byName)]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function byName([a = '']: string[], [b = '']: string[]): number {
  return a < b ? -1 : 1
}

/** The module's inputs as a table, sorted by name. */
export async function terraformInputs(): Promise<string> {
  const inputs = await blocks<Input>('variables.tf', 'variable')
  return rows(
    ['input', 'type', 'default', 'what it is'],
    inputs.map(([name, input]) => [
      `\`${name}\``,
      `\`${typeOf(input)}\``,
      'default' in input ? `\`${JSON.stringify(input.default)}\`` : 'required',
      cell(input.description),
    ]),
  )
}

/** The module's outputs as a table, sorted by name. */
export async function terraformOutputs(): Promise<string> {
  const outputs = await blocks<Output>('outputs.tf', 'output')
  return rows(
    ['output', 'what it is'],
    outputs.map(([name, { description, sensitive }]) => [
      `\`${name}\``,
      `${cell(description)}${sensitive === true ? ' Sensitive.' : ''}`,
    ]),
  )
}
