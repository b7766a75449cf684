import { wholeJsonSchema } from '#orchestrator/scenario/json-schema.ts'
import { code, table } from './table.ts'

/** As much of JSON schema as scenarios use. */
interface Schema {
  type?: string | string[]
  enum?: string[]
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: Schema | boolean
  anyOf?: Schema[]
}

/**
 * The keys of a part of the scenario language as a table.
 *
 * @param path - property names from the top; `*` for what stands under any name, a number for an alternative
 */
export function keysTable(...path: (string | number)[]): string {
  let schema = wholeJsonSchema() as Schema
  for (const part of path) schema = step(schema, part)
  const { properties, required = [] } = schema
  if (properties === undefined)
    throw new Error(`the scenario language has no keys at ${path.join('.')}`)
  return table(
    ['key', 'takes', 'what it says'],
    Object.entries(properties).map(([key, value]) => [
      required.includes(key) ? `${code(key)} (required)` : code(key),
      takes(value),
      value.description ?? '',
    ]),
  )
}

function step(schema: Schema, part: string | number): Schema {
  const next =
    typeof part === 'number'
      ? schema.anyOf?.[part]
      : part === '*'
        ? (schema.additionalProperties as Schema | undefined)
        : (schema.properties?.[part] ?? (part === '[]' ? schema.items : undefined))
  if (next === undefined) throw new Error(`the scenario language has nothing at ${part}`)
  return next
}

function takes({ type, enum: words, items, properties, anyOf }: Schema): string {
  if (words !== undefined) return words.map(code).join(', ')
  if (anyOf !== undefined)
    return anyOf.map((each) => (each.enum === undefined ? takes(each) : 'a preset')).join(', or ')
  if (type === 'array') return items?.properties === undefined ? 'a list' : 'a list of maps'
  if (type === 'object') return properties === undefined ? 'a map by name' : 'a map'
  return type === 'string' ? 'text' : [type ?? ''].flat().join(', ')
}
