import type { NatSpecWords, NodeSpec, Scenario, SiteSpec } from '#orchestrator/scenario/schema.ts'
import type { Fault } from '#orchestrator/words/fault.ts'
import { formatAddress } from '../net/addresses.ts'
import { type NatOverrides, type NatSpec, NatSpecError, presetRouters } from '../net/nat-spec.ts'
import { type AddressPair, type Forward, type NatConfig } from '../net/nat.ts'
import { presetOf } from '../scenario/effective.ts'
import { type AddressBook, ROUTER_HOST } from './address-book.ts'
import { listenPort } from './listen-port.ts'
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

/** Decides every router and where every node stands. */
export function planRouters(
  scenario: Scenario,
  table: NetworkTable,
  onFault: (fault: Fault) => void,
): RouterTable {
  const routers: RouterPlan[] = []
  const places = new Map<string, NodePlace>()
  // What the scenario names first, so that what is allocated keeps away from it.
  const privateAddresses = claimPrivate(scenario, table)
  const publicAddresses = claimPublic(scenario, table, onFault)

  for (const [site, spec] of Object.entries(scenario.sites)) {
    const nodes = Object.entries(scenario.nodes).filter(([, node]) => node.site === site)
    if (nodes.length === 0) {
      onFault({ path: ['sites', site], atKey: true, message: `no node stands in site ${site}` })
      continue
    }
    const lan = table.lans.get(site)
    for (const [name] of nodes) {
      const path = ['nodes', name]
      const address =
        privateAddresses.get(name) ?? (lan ?? table.internet).next(`node ${name}'s`, path)
      if (address !== null) privateAddresses.set(name, address)
    }
    if (lan === undefined) {
      for (const [name] of nodes) {
        const address = privateAddresses.get(name) ?? ''
        places.set(name, { network: 'internet', address, gateway: null, publicAddress: address })
      }
      continue
    }
    const oneToOne = presetOf(spec.nat) === 'one-to-one'
    const pairs = new Map<string, string>()
    for (const [name] of oneToOne ? nodes : []) {
      const path = ['nodes', name]
      pairs.set(
        name,
        publicAddresses.get(name) ?? table.internet.next(`node ${name}'s`, path) ?? '',
      )
    }
    const configs = configsOf(site, spec, nodes, privateAddresses, pairs, onFault)
    const outside = oneToOne
      ? [...pairs.values()]
      : [
          publicAddresses.get(`${site}/`) ??
            table.internet.next(`${site}-router's`, ['sites', site]) ??
            '',
        ]
    const siteRouters = chain(site, spec, configs, outside, lan, table)
    routers.push(...siteRouters)
    for (const [name] of nodes) {
      places.set(name, {
        network: site,
        address: privateAddresses.get(name) ?? '',
        gateway: siteRouters[0]?.lan.address ?? null,
        publicAddress: pairs.get(name) ?? outside[0] ?? '',
      })
    }
  }
  return { routers, places }
}

function claimPrivate(scenario: Scenario, table: NetworkTable): Map<string, string> {
  const addresses = new Map<string, string>()
  for (const [name, node] of Object.entries(scenario.nodes)) {
    if (node.address === undefined || scenario.sites[node.site] === undefined) continue
    const book = table.lans.get(node.site) ?? table.internet
    const path = ['nodes', name, 'address']
    const address = book.claim(node.address, `node ${name}'s`, path)
    // The fault is told; the wish stands in, so that it is told once.
    addresses.set(name, address ?? node.address)
  }
  return addresses
}

/** Public addresses that the scenario names: of a node by its name, of a router by `<site>/`. */
function claimPublic(
  scenario: Scenario,
  table: NetworkTable,
  onFault: (fault: Fault) => void,
): Map<string, string> {
  const addresses = new Map<string, string>()
  function claim(wished: string, key: string, owner: string, path: Fault['path']): void {
    addresses.set(key, table.internet.claim(wished, owner, path) ?? wished)
  }
  for (const [name, node] of Object.entries(scenario.nodes)) {
    const site = scenario.sites[node.site]
    if (node.public === undefined || site === undefined) continue
    const path = ['nodes', name, 'public']
    if (presetOf(site.nat) === 'one-to-one') claim(node.public, name, `node ${name}'s`, path)
    else {
      onFault({
        path,
        atKey: true,
        message: `only a node behind nat one-to-one has a public address of its own; site ${node.site} is ${presetOf(site.nat)}`,
      })
    }
  }
  for (const [site, spec] of Object.entries(scenario.sites)) {
    if (spec.public === undefined || !table.lans.has(site)) continue
    const path = ['sites', site, 'public']
    if (presetOf(spec.nat) !== 'one-to-one') {
      claim(spec.public, `${site}/`, `${site}-router's`, path)
      continue
    }
    const node = Object.entries(scenario.nodes).find(([, node]) => node.site === site)
    if (node !== undefined && node[1].public === undefined) {
      claim(spec.public, node[0], `node ${node[0]}'s`, path)
    }
  }
  return addresses
}

function configsOf(
  site: string,
  spec: SiteSpec,
  nodes: [string, NodeSpec][],
  addresses: Map<string, string>,
  pairs: Map<string, string>,
  onFault: (fault: Fault) => void,
): NatConfig[] {
  const words: Exclude<NatSpecWords, string> =
    typeof spec.nat === 'string' ? { preset: spec.nat } : spec.nat
  const natSpec: NatSpec = { preset: words.preset, ...overridesOf(words, ['nat']) }
  if (words.carrier !== undefined) natSpec.carrier = overridesOf(words.carrier, ['nat', 'carrier'])
  if (words.preset === 'port-forward' && words.forwards === undefined) {
    natSpec.forwards = forwardsToAll(nodes, addresses)
  }
  const addressPairs: AddressPair[] = [...pairs].map(([name, address]) => ({
    private: addresses.get(name) ?? '',
    public: address,
  }))
  try {
    return presetRouters(natSpec, addressPairs)
  } catch (error) {
    if (!(error instanceof NatSpecError)) throw error
    onFault({ path: ['sites', site, 'nat', error.key], atKey: true, message: error.message })
    return presetRouters({ preset: words.preset }, addressPairs)
  }

  function overridesOf(
    words: Omit<Exclude<NatSpecWords, string>, 'preset' | 'carrier'>,
    path: Fault['path'],
  ): NatOverrides {
    const forwards = words.forwards?.flatMap(({ port, to, toPort }, index): Forward[] => {
      const inside = nodes.some(([name]) => name === to) ? addresses.get(to) : undefined
      if (inside === undefined) {
        const known = nodes.map(([name]) => name).join(', ')
        onFault({
          path: ['sites', site, ...path, 'forwards', index, 'to'],
          message: `expected a node of site ${site} (${known}), saw ${to}`,
        })
        return []
      }
      return [{ ...port, to: inside, toPort: toPort ?? port.port }]
    })
    return {
      mapping: words.mapping,
      filtering: words.filtering,
      ports: words.ports,
      hairpin: words.hairpin,
      allow: words.allow,
      forwards,
      timeouts: withoutUndefined({
        udpMs: words.timeouts?.udp,
        tcpEstablishedMs: words.timeouts?.tcpEstablished,
        tcpTransitoryMs: words.timeouts?.tcpTransitory,
      }),
    }
  }
}

/** Each node's listening port, the first node of a port where two want the same. */
function forwardsToAll(nodes: [string, NodeSpec][], addresses: Map<string, string>): Forward[] {
  const forwards = new Map<number, Forward>()
  for (const [name, node] of nodes) {
    const port = listenPort(node)
    if (forwards.has(port)) continue
    forwards.set(port, { protocol: 'tcp', port, to: addresses.get(name) ?? '', toPort: port })
  }
  return [...forwards.values()]
}

/** A site's routers from inside to outside, each with its place between two networks. */
function chain(
  site: string,
  spec: SiteSpec,
  configs: NatConfig[],
  outside: string[],
  lan: AddressBook,
  table: NetworkTable,
): RouterPlan[] {
  const [first = '', ...further] = outside
  const carrier = table.carriers.get(site)
  const onInternet = {
    network: 'internet',
    address: first,
    furtherAddresses: further,
    gateway: null,
  }
  const [inner, outer] = configs
  const routers: RouterPlan[] = []
  if (inner === undefined) return routers
  const common = { site, preset: presetOf(spec.nat) }
  routers.push({
    name: `${site}-router`,
    ...common,
    nat: inner,
    lan: inside(site, lan),
    wan:
      carrier === undefined
        ? onInternet
        : {
            network: `${site}-carrier`,
            address: carrier.next(`${site}-router's`, ['sites', site]) ?? '',
            furtherAddresses: [],
            gateway: inside('', carrier).address,
          },
  })
  if (carrier !== undefined && outer !== undefined) {
    routers.push({
      name: `${site}-carrier-router`,
      ...common,
      nat: outer,
      lan: inside(`${site}-carrier`, carrier),
      wan: onInternet,
    })
  }
  return routers
}

function inside(network: string, book: AddressBook): RouterPlan['lan'] {
  return {
    network,
    address: formatAddress(book.subnet.base + 1),
    ownAddress: formatAddress(book.subnet.base + ROUTER_HOST),
  }
}

function withoutUndefined<T extends object>(
  object: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } | undefined {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined)
  return entries.length === 0
    ? undefined
    : (Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> })
}
