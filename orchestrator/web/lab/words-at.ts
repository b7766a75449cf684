import { yamlKeys, yamlPlace } from './yaml-place.ts'

/** What an editor offers. */
export interface Word {
  text: string
  /** What it is for; empty where nothing is known. */
  about: string
  isKey: boolean
}

/** What is known of scenarios. */
export interface Language {
  /** Their JSON schema. */
  schema: unknown
  /** Variables of a node, and what each is for. */
  variables: Readonly<Record<string, string>>
  /** The scenarios that another may extend. */
  scenarios: readonly ExtendedScenario[]
}

/** What an editor knows of a scenario that another may extend: names of what is in it. */
export interface ExtendedScenario {
  name: string
  title: string
  sites: readonly string[]
  nodes: readonly string[]
  variants: readonly string[]
}

/** As much of JSON schema as scenarios use. */
interface Schema {
  description?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  enum?: string[]
  const?: string
  pattern?: string
}

/** The words that may stand at an offset of a text, and where the one that is being written begins. */
export function wordsAt(
  text: string,
  offset: number,
  { schema, variables, scenarios }: Language,
): { from: number; words: Word[] } {
  const { path, wants, seen, from } = yamlPlace(text.slice(0, offset))
  const places = schemasAt(schema as Schema, path)
  const extended = /^extends:[ \t]*([a-z0-9-]+)[ \t]*(?:#.*)?$/m.exec(text)?.[1]
  const base = scenarios.find(({ name }) => name === extended)
  const words: Word[] = []
  if (wants !== 'value') {
    if (path.at(-1) === 'env') words.push(...named(variables))
    words.push(...keysOf(places, seen), ...toChange(base, path))
  }
  if (wants !== 'key') {
    if (path.length === 1 && path[0] === 'extends') words.push(...scenarios.map(scenarioWord))
    words.push(...valuesOf(places), ...namesFor(places, path, text, base))
  }
  const taken = new Set(seen)
  return {
    from,
    words: unique(words.filter(({ text: word, isKey }) => !isKey || !taken.has(word))),
  }
}

function scenarioWord({ name, title }: ExtendedScenario): Word {
  return { text: name, about: title, isKey: false }
}

/** What the scenario below this one has, where it may be changed. */
function toChange(base: ExtendedScenario | undefined, path: readonly (string | null)[]): Word[] {
  const [kind] = path
  if (base === undefined || path.length !== 1) return []
  if (kind !== 'sites' && kind !== 'nodes' && kind !== 'variants') return []
  return base[kind].map((text) => ({ text, about: `of ${base.name}`, isKey: true }))
}

function named(variables: Language['variables']): Word[] {
  return Object.entries(variables).map(([text, about]) => ({ text, about, isKey: true }))
}

function unique(words: readonly Word[]): Word[] {
  return [...new Map(words.toReversed().map((word) => [word.text, word])).values()].toReversed()
}

/** What may stand at a path: every branch of every choice on the way. */
function schemasAt(schema: Schema, path: readonly (string | null)[]): Schema[] {
  let places = branchesOf(schema)
  for (const key of path) {
    places = places.flatMap((place) => inside(place, key)).flatMap(branchesOf)
  }
  return places
}

function inside({ items, properties, additionalProperties }: Schema, key: string | null): Schema[] {
  if (key === null) return items === undefined ? [] : [items]
  const own = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : null
  if (own) return [own]
  return typeof additionalProperties === 'object' ? [additionalProperties] : []
}

function branchesOf(schema: Schema): Schema[] {
  const { anyOf = [], oneOf = [], allOf = [] } = schema
  const branches = [...anyOf, ...oneOf, ...allOf]
  return branches.length === 0 ? [schema] : branches.flatMap(branchesOf)
}

/** Of steps and expectations those alone that have the keys that are written already. */
function keysOf(places: readonly Schema[], seen: readonly string[]): Word[] {
  const fitting = places.filter(({ properties = {} }) =>
    seen.every((key) => Object.hasOwn(properties, key)),
  )
  return fitting.flatMap((place) =>
    Object.entries(place.properties ?? {}).map(([text, { description }]) => ({
      text,
      about: description ?? place.description ?? '',
      isKey: true,
    })),
  )
}

function valuesOf(places: readonly Schema[]): Word[] {
  return places.flatMap(({ enum: values, const: value, type, description: about = '' }) => {
    if (values !== undefined) return values.map((each) => ({ text: each, about, isKey: false }))
    if (value !== undefined) return [{ text: value, about, isKey: false }]
    if (type !== 'boolean') return []
    return ['true', 'false'].map((text) => ({ text, about, isKey: false }))
  })
}

/** How the schema describes the name of a node or a site. */
const NAME = '^[A-Za-z][A-Za-z0-9-]{0,31}$'

/** The nodes and sites that the text has, and those of what it extends, where a name is wanted. */
function namesFor(
  places: readonly Schema[],
  path: readonly (string | null)[],
  text: string,
  base: ExtendedScenario | undefined,
): Word[] {
  if (!places.some(({ pattern }) => pattern === NAME)) return []
  const wanted = path.at(-1) === 'site' ? ['sites'] : ['nodes', 'sites']
  const below = (['nodes', 'sites'] as const).flatMap((kind) =>
    (base?.[kind] ?? []).map((key) => ({ path: [kind], key })),
  )
  return [...yamlKeys(text), ...below]
    .filter(({ path: above }) => above.length === 1 && wanted.includes(above[0] ?? ''))
    .toSorted(
      (one, other) => wanted.indexOf(one.path[0] ?? '') - wanted.indexOf(other.path[0] ?? ''),
    )
    .map(({ path: [kind], key }) => ({
      text: key,
      about: kind === 'nodes' ? 'a node' : 'a site',
      isKey: false,
    }))
}
