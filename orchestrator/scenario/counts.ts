import { type Fault, valueAt } from '../words/fault.ts'
import { EVERYBODY } from '../words/group.ts'
import type { NodeSpec, Scenario, ScenarioFile, SiteSpec } from './schema.ts'

/** A scenario in which each copy stands for itself, and the way back to what the file says. */
export interface Counted {
  scenario: Scenario
  faults: Fault[]
  /** The place in the file of a place in the scenario: a copy's is that of what it was made from. */
  inFile: (path: Fault['path']) => Fault['path']
}

/** What copies cannot have in common. */
const OF_ONE = { sites: ['subnet', 'public'], nodes: ['address', 'public'] } as const

/**
 * Writes out what has a `count`: `n` with `count: 3` is n-1, n-2 and n-3, each like `n`. Nodes that have a count stand in
 * turn in the copies of a site that has one. A variant's change of `n` is one of each copy.
 */
export function writeOutCounts(file: ScenarioFile): Counted {
  const copies = { sites: copiesOf(file.sites), nodes: copiesOf(file.nodes) }
  const faults = countFaults(file, copies)
  const origin = {
    sites: originsOf(copies.sites),
    nodes: originsOf(copies.nodes),
  }

  /** The copy of a site in which the copy of a node stands. */
  const standing = (site: string, index: number): string => {
    const sites = copies.sites.get(site)
    return sites === undefined ? site : (sites[index % sites.length] ?? site)
  }
  const nodes = writtenOut<NodeSpec>(file.nodes, copies.nodes, placed)
  const sites = writtenOut<SiteSpec>(file.sites, copies.sites, forwarding)
  function placed<Spec extends { site?: string | undefined; bootstrap?: string[] | undefined }>(
    spec: Spec,
    name: string,
    index: number,
  ): Spec {
    const { site, bootstrap } = spec
    return {
      ...spec,
      ...(site !== undefined && { site: standing(site, index) }),
      // All may join through one of themselves.
      ...(bootstrap !== undefined && { bootstrap: bootstrap.filter((other) => other !== name) }),
    }
  }
  /** Each copy's router forwards to the node that stands behind it. */
  function forwarding<Spec extends { nat?: SiteSpec['nat'] | undefined }>(
    spec: Spec,
    name: string,
  ): Spec {
    const { nat } = spec
    if (typeof nat !== 'object' || nat.forwards === undefined) return spec
    const forwards = nat.forwards.map((forward) => {
      const behind = copies.nodes.get(forward.to)?.filter((node) => nodes[node]?.site === name)
      return behind?.length === 1 ? { ...forward, to: behind[0] ?? forward.to } : forward
    })
    return { ...spec, nat: { ...nat, forwards } }
  }
  const variants = Object.entries(file.variants ?? {}).map(([name, variant]) => {
    const changes = {
      ...variant,
      ...(variant.sites && { sites: writtenOut(variant.sites, copies.sites, forwarding) }),
      ...(variant.nodes && { nodes: writtenOut(variant.nodes, copies.nodes, placed) }),
    }
    return [name, changes] as const
  })
  return {
    scenario: {
      ...file,
      sites,
      nodes,
      ...(file.variants && { variants: Object.fromEntries(variants) }),
      groups: Object.fromEntries([...copies.sites, ...copies.nodes]),
    },
    faults,
    inFile: (path) => {
      const at = path[0] === 'variants' ? 2 : 0
      const kind = path[at]
      if (kind !== 'sites' && kind !== 'nodes') return path
      const made = origin[kind].get(String(path[at + 1]))
      if (made === undefined) return path
      // A variant may say something of one copy alone.
      return valueAt(file, path.slice(0, at + 2)) === undefined ? path.with(at + 1, made) : path
    },
  }
}

/** Faults at their places in the file: what is wrong with each of several copies is said once, of the first. */
export function faultsInFile(faults: readonly Fault[], inFile: Counted['inFile']): Fault[] {
  const said = new Set<string>()
  return faults.flatMap((fault) => {
    const path = inFile(fault.path)
    if (path === fault.path) return [fault]
    const place = JSON.stringify(path)
    if (said.has(place)) return []
    said.add(place)
    return [{ ...fault, path }]
  })
}

/** The names of the copies of each that has a count. */
function copiesOf(
  specs: Readonly<Record<string, { count?: number | undefined }>>,
): Map<string, string[]> {
  return new Map(
    Object.entries(specs).flatMap(([name, { count }]) =>
      count === undefined
        ? []
        : [[name, Array.from({ length: count }, (_, index) => `${name}-${index + 1}`)] as const],
    ),
  )
}

function originsOf(copies: ReadonlyMap<string, readonly string[]>): Map<string, string> {
  return new Map([...copies].flatMap(([name, names]) => names.map((copy) => [copy, name])))
}

/** Each as often as it counts. What is said of one copy alone comes after what is said of all. */
function writtenOut<Spec extends object>(
  specs: Readonly<Record<string, Spec & { count?: number | undefined }>>,
  copies: ReadonlyMap<string, readonly string[]>,
  each: (spec: Spec, name: string, index: number) => Spec,
): Record<string, Spec> {
  const all: Record<string, Spec> = {}
  for (const [name, { count: _count, ...spec }] of Object.entries(specs)) {
    const names = copies.get(name)
    if (names === undefined) all[name] = { ...all[name], ...(spec as unknown as Spec) }
    for (const [index, copy] of (names ?? []).entries()) {
      all[copy] = { ...all[copy], ...each(spec as unknown as Spec, copy, index) }
    }
  }
  return all
}

function countFaults(
  file: ScenarioFile,
  copies: Record<'sites' | 'nodes', ReadonlyMap<string, readonly string[]>>,
): Fault[] {
  const faults: Fault[] = []
  for (const kind of ['sites', 'nodes'] as const) {
    for (const [name, names] of copies[kind]) {
      const path = [kind, name]
      const spec = file[kind][name]
      for (const key of OF_ONE[kind]) {
        if (spec === undefined || !(key in spec)) continue
        const message = `'${key}' can be that of one only: with a 'count', each gets its own`
        faults.push({ path: [...path, key], atKey: true, message })
      }
      const rival = names.find((copy) => file[kind][copy] !== undefined)
      if (rival !== undefined) {
        const message = `expected a name of its own, saw '${rival}', which is that of a copy of ${name}`
        faults.push({ path: [kind, rival], atKey: true, message })
      }
      if (name === EVERYBODY) {
        faults.push({ path, atKey: true, message: `'${name}' is the group of all nodes` })
      }
    }
  }
  for (const [name, { site, count }] of Object.entries(file.nodes)) {
    const sites = copies.sites.get(site)
    if (sites === undefined || count !== undefined) continue
    const message = `expected one site for ${name}, saw ${sites.length} of the name ${site}: write ${sites[0]}, or give ${name} a 'count'`
    faults.push({ path: ['nodes', name, 'site'], message })
  }
  for (const name of copies.nodes.keys()) {
    if (!copies.sites.has(name)) continue
    const message = `expected a name of its own, saw '${name}', which is that of a site with a 'count' too`
    faults.push({ path: ['nodes', name], atKey: true, message })
  }
  return faults
}
