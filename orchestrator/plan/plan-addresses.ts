import type { NodeSpec, Scenario } from '#orchestrator/scenario/schema.ts'
import type { Fault } from '#orchestrator/words/fault.ts'
import { presetOf } from '../scenario/effective.ts'
import type { NetworkTable } from './plan-networks.ts'

/** A node that has an address. */
export interface PlacedNode {
  name: string
  spec: NodeSpec
  /** On its interface. */
  address: string
  /** Its own public address, where it stands behind nat one-to-one. */
  ownPublic: string | null
}

/** What stands in a site. */
export interface SitePlaces {
  nodes: PlacedNode[]
  /** Its outermost router's address on the internet; null where each node has its own, or there is no router. */
  routerPublic: string | null
}

/** Addresses by name. */
type Addresses = Map<string, string>

interface Claims {
  /** On their interfaces, by node. */
  inside: Addresses
  /** Of nodes behind nat one-to-one, by node. */
  ownPublic: Addresses
  /** Of routers, by site. */
  routers: Addresses
}

/**
 * The addresses of every node and router, by site. What the scenario names comes first, so that what is allocated keeps
 * away from it. A node or a router for which none is left is left out: that is a fault, and reported.
 */
export function planAddresses(
  scenario: Scenario,
  table: NetworkTable,
  onFault: (fault: Fault) => void,
): Map<string, SitePlaces> {
  const claims = claimAll(scenario, table, onFault)
  const sites = new Map<string, SitePlaces>()
  for (const [site, { nat }] of Object.entries(scenario.sites)) {
    const lan = table.lans.get(site)
    const standing = Object.entries(scenario.nodes).filter(([, spec]) => spec.site === site)
    const inside = standing.flatMap(([name, spec]): PlacedNode[] => {
      const path = ['nodes', name]
      const address =
        claims.inside.get(name) ?? (lan ?? table.internet).next(`node ${name}'s`, path)
      return address === null ? [] : [{ name, spec, address, ownPublic: null }]
    })
    if (lan === undefined || standing.length === 0) {
      sites.set(site, { nodes: inside, routerPublic: null })
    } else if (presetOf(nat) === 'one-to-one') {
      const nodes = inside.flatMap((node): PlacedNode[] => {
        const path = ['nodes', node.name]
        const ownPublic =
          claims.ownPublic.get(node.name) ?? table.internet.next(`node ${node.name}'s`, path)
        return ownPublic === null ? [] : [{ ...node, ownPublic }]
      })
      sites.set(site, { nodes, routerPublic: null })
    } else {
      const routerPublic =
        claims.routers.get(site) ?? table.internet.next(`${site}-router's`, ['sites', site])
      sites.set(site, { nodes: inside, routerPublic })
    }
  }
  return sites
}

/** The addresses that the scenario names. Where one cannot be had, the wish stands in, so that its fault is one. */
function claimAll(
  scenario: Scenario,
  table: NetworkTable,
  onFault: (fault: Fault) => void,
): Claims {
  const claims: Claims = { inside: new Map(), ownPublic: new Map(), routers: new Map() }
  for (const [name, { address, site }] of Object.entries(scenario.nodes)) {
    if (address === undefined || scenario.sites[site] === undefined) continue
    const book = table.lans.get(site) ?? table.internet
    const claimed = book.claim(address, `node ${name}'s`, ['nodes', name, 'address'])
    claims.inside.set(name, claimed ?? address)
  }
  const claimPublic = (wished: string, owner: string, path: Fault['path']): string =>
    table.internet.claim(wished, owner, path) ?? wished
  for (const [name, node] of Object.entries(scenario.nodes)) {
    const site = scenario.sites[node.site]
    if (node.public === undefined || site === undefined) continue
    const path = ['nodes', name, 'public']
    if (presetOf(site.nat) === 'one-to-one') {
      claims.ownPublic.set(name, claimPublic(node.public, `node ${name}'s`, path))
      continue
    }
    onFault({
      path,
      atKey: true,
      message: `only a node behind nat one-to-one has a public address of its own; site ${node.site} is ${presetOf(site.nat)}`,
    })
  }
  for (const [site, spec] of Object.entries(scenario.sites)) {
    if (spec.public === undefined || !table.lans.has(site)) continue
    const path = ['sites', site, 'public']
    if (presetOf(spec.nat) !== 'one-to-one') {
      claims.routers.set(site, claimPublic(spec.public, `${site}-router's`, path))
      continue
    }
    // A 1:1 router has no address of its own: it is the first node's.
    const first = Object.entries(scenario.nodes).find(([, node]) => node.site === site)
    if (first !== undefined && first[1].public === undefined) {
      claims.ownPublic.set(first[0], claimPublic(spec.public, `node ${first[0]}'s`, path))
    }
  }
  return claims
}
