import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Terraform's JSON form of a type: `"string"`, `["list", "string"]`, `["object", {…}]`. */
export type TypeJson = string | [string, unknown]

export interface Attribute {
  type: TypeJson
  required?: boolean
  optional?: boolean
  computed?: boolean
  sensitive?: boolean
}

export interface NestedBlock {
  nesting_mode: 'single' | 'list' | 'set' | 'map'
  min_items?: number
  max_items?: number
  block: Block
}

export interface Block {
  attributes: Record<string, Attribute>
  block_types?: Record<string, NestedBlock>
}

export interface Schema {
  version: number
  block: Block
}

/** What `terraform providers schema -json` prints of one provider. */
export interface ProviderSchema {
  provider: Schema
  resource_schemas: Record<string, Schema>
  data_source_schemas: Record<string, Schema>
}

/** A committed schema; where they come from stands in schemas/README.md. */
export function loadSchema(name: 'azurerm' | 'tls'): ProviderSchema {
  const path = join(import.meta.dirname, 'schemas', `${name}.json`)
  return JSON.parse(readFileSync(path, 'utf8')) as ProviderSchema
}

const NESTING = { single: 1, list: 2, set: 3, map: 4 }

function blockMessage(block: Block): object {
  return {
    attributes: Object.entries(block.attributes).map(([name, attribute]) => ({
      name,
      type: Buffer.from(JSON.stringify(attribute.type)),
      required: attribute.required ?? false,
      optional: attribute.optional ?? false,
      computed: attribute.computed ?? false,
      sensitive: attribute.sensitive ?? false,
    })),
    block_types: Object.entries(block.block_types ?? {}).map(([type_name, nested]) => ({
      type_name,
      block: blockMessage(nested.block),
      nesting: NESTING[nested.nesting_mode],
      min_items: nested.min_items ?? 0,
      max_items: nested.max_items ?? 0,
    })),
  }
}

function messages(schemas: Record<string, Schema>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, schemaMessage(schema)]),
  )
}

function schemaMessage(schema: Schema): object {
  return { version: schema.version, block: blockMessage(schema.block) }
}

/** The answer to GetProviderSchema. */
export function providerSchemaMessage(schema: ProviderSchema): object {
  return {
    provider: schemaMessage(schema.provider),
    resource_schemas: messages(schema.resource_schemas),
    data_source_schemas: messages(schema.data_source_schemas),
  }
}
