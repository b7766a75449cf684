import type { Fault } from '../words/fault.ts'
import { thereAre } from '../words/nearest.ts'
import { effectiveVariants } from './effective.ts'
import { unknownVariables } from './programs.ts'
import type { NodeSpec, Scenario } from './schema.ts'
import { stepFaults } from './step-faults.ts'

/** Far above what one machine runs. */
const MAX_NODES = 1000

/** Everything in a scenario that names something which is not there, or asks for what cannot come true. */
export function referenceFaults(scenario: Scenario): Fault[] {
  const sites = Object.keys(scenario.sites)
  const nodes = Object.keys(scenario.nodes)
  if (nodes.length > MAX_NODES) {
    const message = `expected at most ${MAX_NODES} nodes, saw ${nodes.length}`
    return [{ path: ['nodes'], atKey: true, message }]
  }
  const faults: Fault[] = []
  if (nodes.length === 0) {
    faults.push({ path: ['nodes'], atKey: true, message: 'expected at least one node, saw none' })
  }
  for (const name of sites.filter((site) => site === 'internet' || site === 'all')) {
    faults.push({
      path: ['sites', name],
      atKey: true,
      message: `'${name}' cannot be a site's name: it has a meaning of its own`,
    })
  }
  faults.push(...clashingNames(sites, nodes))
  if (scenario.variants !== undefined && Object.keys(scenario.variants).length === 0) {
    const message = 'expected at least one variant, or no `variants` for a single one, saw none'
    faults.push({ path: ['variants'], atKey: true, message })
  }
  for (const [variant, spec] of Object.entries(scenario.variants ?? {})) {
    const path = ['variants', variant]
    for (const site of Object.keys(spec.sites ?? {})) {
      if (!sites.includes(site)) faults.push(unknown([...path, 'sites', site], 'site', site, sites))
    }
    for (const node of Object.keys(spec.nodes ?? {})) {
      if (!nodes.includes(node)) faults.push(unknown([...path, 'nodes', node], 'node', node, nodes))
    }
    faults.push(...nodeFaults(spec.nodes ?? {}, scenario, [...path, 'nodes']))
  }
  faults.push(...nodeFaults(scenario.nodes, scenario, ['nodes']))
  for (const variant of effectiveVariants(scenario)) faults.push(...stepFaults(variant))
  return unique(faults)
}

/** Names that a lab gives to machines of its own: a node or a site of the same name would be another's container. */
function clashingNames(sites: readonly string[], nodes: readonly string[]): Fault[] {
  const given = new Map(
    sites.flatMap((site) => [
      [`${site}-router`, `the router of the site '${site}'`],
      [`${site}-carrier`, `the carrier of the site '${site}'`],
      [`${site}-carrier-router`, `the carrier's router of the site '${site}'`],
    ]),
  )
  const faultsOf = (key: 'sites' | 'nodes', names: readonly string[]): Fault[] =>
    names.flatMap((name) => {
      const owner =
        given.get(name) ?? (name.startsWith('probe-') ? 'an agent of the NAT proof' : undefined)
      if (owner === undefined) return []
      const message = `expected a name of its own, saw '${name}', which is that of ${owner}`
      return [{ path: [key, name], atKey: true, message }]
    })
  return [...faultsOf('sites', sites), ...faultsOf('nodes', nodes)]
}

/** A fault for a name that nothing has. */
export function unknown(path: Fault['path'], kind: string, seen: string, known: string[]): Fault {
  return {
    path,
    atKey: true,
    message: `no ${kind} is called '${seen}'; ${thereAre(known, seen)}`,
  }
}

type NodeChanges = { [Key in keyof NodeSpec]?: NodeSpec[Key] | undefined }

function nodeFaults(
  specs: Readonly<Record<string, NodeChanges>>,
  scenario: Scenario,
  above: Fault['path'],
): Fault[] {
  const sites = Object.keys(scenario.sites)
  const nodes = Object.keys(scenario.nodes)
  const faults: Fault[] = []
  for (const [name, node] of Object.entries(specs)) {
    const path = [...above, name]
    if (node.site !== undefined && !sites.includes(node.site)) {
      faults.push({ ...unknown([...path, 'site'], 'site', node.site, sites), atKey: false })
    }
    for (const [index, target] of (node.bootstrap ?? []).entries()) {
      const at = [...path, 'bootstrap', index]
      if (!nodes.includes(target)) faults.push(unknown(at, 'node', target, nodes))
      else if (target === name) {
        faults.push({ path: at, message: `${name} cannot join through itself` })
      }
    }
    if ('BOOTSTRAP' in (node.env ?? {}) && node.bootstrap !== undefined) {
      faults.push({
        path: [...path, 'env', 'BOOTSTRAP'],
        atKey: true,
        message: "'bootstrap' sets BOOTSTRAP: give one of the two",
      })
    }
    const program = node.program ?? scenario.nodes[name]?.program ?? 'kadlab'
    for (const { variable, message } of unknownVariables(program, Object.keys(node.env ?? {}))) {
      faults.push({ path: [...path, 'env', variable], atKey: true, message })
    }
  }
  return faults
}

/** Steps that variants share are checked once for each. */
function unique(faults: Fault[]): Fault[] {
  const byText = new Map(
    faults.map((fault) => [JSON.stringify([fault.path, fault.message]), fault]),
  )
  return [...byText.values()]
}
