import type { Block } from './schema.ts'
import { isUnknown, sameValue, UNKNOWN, type Values } from './values.ts'

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined
}

function eachBlock(
  block: Block,
  values: Values,
  change: (nested: Block, value: Values, name: string, index: number) => Values,
): void {
  for (const [name, nested] of Object.entries(block.block_types ?? {})) {
    const value = values[name]
    if (isAbsent(value) || isUnknown(value)) continue
    values[name] = Array.isArray(value)
      ? value.map((item: Values, index) => change(nested.block, item, name, index))
      : change(nested.block, value as Values, name, 0)
  }
}

function nestedConfig(config: Values | null, name: string, index: number): Values | null {
  const value = config?.[name]
  if (Array.isArray(value)) return (value[index] as Values | undefined) ?? null
  return (value as Values | null | undefined) ?? null
}

/** What a provider plans for a new resource: computed attributes that the configuration leaves out become unknown. */
export function planCreation(block: Block, proposed: Values, config: Values | null): Values {
  const planned = { ...proposed }
  for (const [name, attribute] of Object.entries(block.attributes)) {
    if (attribute.computed === true && isAbsent(config?.[name])) planned[name] = UNKNOWN
  }
  eachBlock(block, planned, (nested, value, name, index) =>
    planCreation(nested, value, nestedConfig(config, name, index)),
  )
  return planned
}

function valueAt(values: Values, path: string): unknown {
  const [name = '', inner] = path.split('.')
  if (inner === undefined) return values[name]
  const value = values[name]
  return Array.isArray(value) ? (value[0] as Values | undefined)?.[inner] : undefined
}

/**
 * Attributes, blocks included, that changed and cannot change in place. A path such as `os_disk.name` leads into the
 * first block of a name, and counts for the block.
 */
export function replacedBy(forceNew: readonly string[], prior: Values, proposed: Values): string[] {
  const paths = forceNew.filter((path) => !sameValue(valueAt(prior, path), valueAt(proposed, path)))
  return [...new Set(paths.map((path) => path.split('.')[0] ?? path))]
}

/** After apply nothing is unknown: what no behaviour decided is null. */
export function settle(block: Block, values: Values): Values {
  const settled = { ...values }
  for (const name of Object.keys(block.attributes)) {
    if (isUnknown(settled[name]) || settled[name] === undefined) settled[name] = null
  }
  eachBlock(block, settled, (nested, value) => settle(nested, value))
  return settled
}
