import { type Fault, isRecord, type LocatedFault } from '../words/fault.ts'
import { ScenarioError } from './errors.ts'
import { parseSource, type ScenarioSource } from './source.ts'

/** A scenario that another extends. */
export interface BaseText {
  text: string
  /** How messages name it. */
  file: string
  /** What it is known by wherever it is named from; names in it are looked up from there. */
  place: string
}

/**
 * Finds what `extends` names.
 *
 * @param from - the place of the scenario that says so; null: it has none
 * @returns why there is none, where there is none
 */
export type FindBase = (name: string, from: string | null) => BaseText | { why: string }

/** Where nothing else can be read. */
export const NO_BASES: FindBase = () => ({
  why: 'expected a scenario that stands alone: nothing else can be read here',
})

/** A scenario with all that it extends, as one value. */
export interface Layers {
  value: unknown
  locate(faults: readonly Fault[]): LocatedFault[]
}

/** What a scenario says of itself alone. */
const OF_ITSELF = new Set(['name', 'title', 'about', 'extends'])

/**
 * Lays a scenario over the one that it extends: maps key by key, everything else as a whole; null takes away what is there.
 *
 * @param place - of the scenario itself; null: it has none
 * @throws ScenarioError at the line of an `extends` that names nothing, or leads in a circle
 */
export function layersOf(source: ScenarioSource, findBase: FindBase, place: string | null): Layers {
  const sources = [source]
  const places = [place]
  for (;;) {
    const last = sources.at(-1)
    const name = isRecord(last?.value) ? last.value['extends'] : undefined
    if (last === undefined || name === undefined) break
    const refuse = (message: string): never => {
      throw ScenarioError.of(last.locate([{ path: ['extends'], message }]))
    }
    if (typeof name !== 'string') {
      return refuse('expected the name or the path of the scenario that this one extends')
    }
    const base = findBase(name, places.at(-1) ?? null)
    if ('why' in base) return refuse(base.why)
    if (places.includes(base.place)) {
      const way = [...sources.map(({ file }) => file), base.file].join(' → ')
      refuse(`expected an end of what extends what, saw ${way}`)
    }
    sources.push(parseSource(base.text, base.file))
    places.push(base.place)
  }
  const value = sources
    .map((each, index) => (index === 0 ? each.value : withoutItself(each.value)))
    .reduceRight((below, above) => laidOver(below, above))
  return { value, locate: (faults) => locatedIn(sources, faults) }
}

/** Faults at the nearest file that has their place. */
function locatedIn(sources: readonly ScenarioSource[], faults: readonly Fault[]): LocatedFault[] {
  const bySource = Map.groupBy(faults, ({ path }) =>
    sources.reduce((best, each) =>
      depthOf(each.value, path) > depthOf(best.value, path) ? each : best,
    ),
  )
  return sources.flatMap((source) => source.locate(bySource.get(source) ?? []))
}

/** How far a path leads in a value. */
function depthOf(value: unknown, path: Fault['path']): number {
  let at = value
  for (const [depth, key] of path.entries()) {
    if (!isRecord(at) || !Object.hasOwn(at, key)) return depth
    at = at[key]
  }
  return path.length
}

function withoutItself(value: unknown): unknown {
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !OF_ITSELF.has(key)))
}

function laidOver(below: unknown, above: unknown): unknown {
  if (!isMap(below) || !isMap(above)) return above
  const all = new Map(Object.entries(below))
  for (const [key, value] of Object.entries(above)) {
    if (value === null && all.has(key)) all.delete(key)
    else all.set(key, all.has(key) ? laidOver(all.get(key), value) : value)
  }
  return Object.fromEntries(all)
}

function isMap(value: unknown): value is Record<string | number, unknown> {
  return isRecord(value) && !Array.isArray(value)
}
