import type { Scenario, SiteSpec } from '#orchestrator/scenario/schema.ts'
import type { Fault } from '#orchestrator/words/fault.ts'
import { formatAddress } from '../net/addresses.ts'
import type { NatConfig } from '../net/nat.ts'
import { presetOf } from '../scenario/effective.ts'
import { type AddressBook, GATEWAY_HOST, ROUTER_HOST } from './address-book.ts'
import { planAddresses } from './plan-addresses.ts'
import { planNat } from './plan-nat.ts'
import type { NetworkTable } from './plan-networks.ts'
import type { RouterPlan } from './plan-type.ts'

/** Where a node stands. */
export interface NodePlace {
  network: string
  address: string
  gateway: string | null
  publicAddress: string
}

export interface RouterTable {
  routers: RouterPlan[]
  places: Map<string, NodePlace>
}

/** Decides every router and where every node stands. A node or router without an address, which is a fault, is left out. */
export function planRouters(
  scenario: Scenario,
  table: NetworkTable,
  onFault: (fault: Fault) => void,
): RouterTable {
  const routers: RouterPlan[] = []
  const places = new Map<string, NodePlace>()
  for (const [site, { nodes, routerPublic }] of planAddresses(scenario, table, onFault)) {
    const spec = scenario.sites[site]
    if (spec === undefined) continue
    if (Object.values(scenario.nodes).every((node) => node.site !== site)) {
      onFault({ path: ['sites', site], atKey: true, message: `no node stands in site ${site}` })
      continue
    }
    const lan = table.lans.get(site)
    if (lan === undefined) {
      for (const { name, address } of nodes) {
        places.set(name, { network: 'internet', address, gateway: null, publicAddress: address })
      }
      continue
    }
    const outside = nodes.flatMap(({ ownPublic }) => ownPublic ?? [])
    if (routerPublic !== null) outside.push(routerPublic)
    const configs = planNat(site, spec, nodes, onFault)
    const [inner, ...outer] = chain(site, spec, configs, outside, lan, table)
    if (inner === undefined) continue
    routers.push(inner, ...outer)
    for (const { name, address, ownPublic } of nodes) {
      const publicAddress = ownPublic ?? routerPublic
      if (publicAddress === null) continue
      places.set(name, { network: site, address, gateway: inner.lan.address, publicAddress })
    }
  }
  return { routers, places }
}

/** A site's routers from inside to outside, each with its place between two networks; none without an outside address. */
function chain(
  site: string,
  spec: SiteSpec,
  [inner, outer]: NatConfig[],
  [first, ...furtherAddresses]: string[],
  lan: AddressBook,
  table: NetworkTable,
): RouterPlan[] {
  if (inner === undefined || first === undefined) return []
  const common = { site, preset: presetOf(spec.nat) }
  const home = { name: `${site}-router`, ...common, nat: inner, lan: inside(site, lan) }
  const onInternet = { network: 'internet', address: first, furtherAddresses, gateway: null }
  const carrier = table.carriers.get(site)
  if (carrier === undefined || outer === undefined) return [{ ...home, wan: onInternet }]
  const address = carrier.next(`${site}-router's`, ['sites', site])
  if (address === null) return []
  const network = `${site}-carrier`
  const lanOfCarrier = inside(network, carrier)
  // A carrier knows of the home's router alone, which must lead the port on to the node.
  return [
    { ...home, wan: { network, address, furtherAddresses: [], gateway: lanOfCarrier.address } },
    {
      name: `${site}-carrier-router`,
      ...common,
      nat: { ...outer, forwards: outer.forwards.map((forward) => ({ ...forward, to: address })) },
      lan: lanOfCarrier,
      wan: onInternet,
    },
  ]
}

function inside(network: string, book: AddressBook): RouterPlan['lan'] {
  return {
    network,
    address: formatAddress(book.subnet.base + GATEWAY_HOST),
    ownAddress: formatAddress(book.subnet.base + ROUTER_HOST),
  }
}
