import { isOurs } from '#orchestrator/scenario/programs.ts'
import type { Scenario } from '#orchestrator/scenario/schema.ts'
import type { Fault } from '#orchestrator/words/fault.ts'
import { linkOf } from '#orchestrator/words/link-words.ts'
import {
  type Cidr,
  cidrOf,
  formatAddress,
  formatCidr,
  freeSubnet,
  overlaps,
  parseCidr,
} from '../net/addresses.ts'
import type { LinkPlan } from '../net/link.ts'
import { NAT_PRESETS } from '../net/nat-presets.ts'
import { presetOf } from '../scenario/effective.ts'
import { createAddressBook, GATEWAY_HOST, type AddressBook } from './address-book.ts'
import type { NetworkPlan } from './plan-type.ts'

/** What networks are decided from, beside the scenario. */
export interface NetworkConditions {
  /** Networks that others hold. */
  taken: readonly Cidr[]
  /** Whether two networks may have one and the same subnet. */
  sameSubnets: boolean
}

/** The networks of a scenario, with room for addresses. */
export interface NetworkTable {
  networks: NetworkPlan[]
  internet: AddressBook
  /** A site's own network; absent for sites without a router. */
  lans: Map<string, AddressBook>
  /** The network between a carrier's router and the home's; only for sites with two routers. */
  carriers: Map<string, AddressBook>
}

const INTERNET = '11.0.0.0'
/** What a /24 has room for beside gateways and the agents of NAT proofs, and where networks are a /16 instead. */
const ROOM_OF_24 = 180
/** Several labs must find room in one /8. */
const SMALLEST_PREFIX = 11
const CARRIER = cidrOf('100.64.0.0/24')
/** Networks move within the private range that they were in, or within their /8. */
const PRIVATE_RANGES = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map(
  cidrOf,
)

const NO_LINK: LinkPlan = { latencyMs: 0, jitterMs: 0, rateBps: null, loss: 0 }

/** Decides every network: where it is, its gateway, its link. Faults are reported, and the rest is planned on. */
export function planNetworks(
  scenario: Scenario,
  conditions: NetworkConditions,
  onFault: (fault: Fault) => void,
): NetworkTable {
  const placed: Cidr[] = []
  /** Wishes of the scenario itself, which must not collide; those that are allocated keep away from them. */
  const wishes = collectWishes(scenario, conditions, onFault)
  const networks: NetworkPlan[] = []

  function place(
    name: string,
    wished: Cidr,
    explicit: boolean,
    link: LinkPlan,
    path: Fault['path'],
  ): AddressBook {
    const blockers = explicit && conditions.sameSubnets ? [] : [...conditions.taken, ...placed]
    const others = wishes.filter((wish) => wish.name !== name).map((wish) => wish.cidr)
    const free = explicit && !blockers.some((blocker) => overlaps(blocker, wished))
    const subnet = free ? wished : freeSubnet(wished, [...blockers, ...others], rangeOf(wished))
    if (subnet === null) {
      onFault({
        path,
        message: `no network of the size of ${formatCidr(wished)} is free beside it`,
      })
    }
    const actual = subnet ?? wished
    placed.push(actual)
    const isInternet = name === 'internet'
    networks.push({
      name,
      subnet: formatCidr(actual),
      gateway: isInternet ? null : formatAddress(actual.base + GATEWAY_HOST),
      link,
    })
    const label = isInternet ? 'the internet' : `network ${name}`
    const groups = isInternet && hasForeign(scenario) ? groupsOf(actual) : [0]
    const book = createAddressBook({ wished, subnet: actual, label, groups, onFault })
    // Kept on the internet too: engines put a bridge's own address there.
    book.keep(GATEWAY_HOST, "the gateway's")
    book.keep(GATEWAY_HOST + 1, "the router's own")
    return book
  }

  const crowds = crowdsOf(scenario)
  const internet = place(
    'internet',
    parsed(scenario.internet) ?? cidrOf(`${INTERNET}/${internetPrefix(scenario, crowds.internet)}`),
    scenario.internet !== undefined,
    NO_LINK,
    ['internet'],
  )
  const lans = new Map<string, AddressBook>()
  const carriers = new Map<string, AddressBook>()
  for (const [index, [site, spec]] of Object.entries(scenario.sites).entries()) {
    const routers = NAT_PRESETS[presetOf(spec.nat)].routers.length
    if (routers === 0) {
      checkPublicSite(site, spec, onFault)
      continue
    }
    const prefix = prefixFor(crowds.sites.get(site) ?? 0)
    const wished = parsed(spec.subnet) ?? cidrOf(`10.${(index + 1) % 256}.0.0/${prefix}`)
    const path = ['sites', site, 'subnet']
    lans.set(
      site,
      place(
        site,
        wished,
        spec.subnet !== undefined,
        spec.link === undefined ? NO_LINK : linkOf(spec.link),
        path,
      ),
    )
    if (routers > 1) {
      carriers.set(site, place(`${site}-carrier`, CARRIER, false, NO_LINK, ['sites', site]))
    }
  }
  return { networks, internet, lans, carriers }
}

/** How many addresses each network must have at most: of nodes, and on the internet of routers too. */
function crowdsOf(scenario: Scenario): { internet: number; sites: Map<string, number> } {
  const sites = new Map<string, number>()
  for (const { site } of Object.values(scenario.nodes)) sites.set(site, (sites.get(site) ?? 0) + 1)
  let internet = 0
  for (const [site, { nat }] of Object.entries(scenario.sites)) {
    const eachHasItsOwn = ['public', 'one-to-one'].includes(presetOf(nat))
    internet += eachHasItsOwn ? (sites.get(site) ?? 0) : 1
  }
  return { internet, sites }
}

/** Peers of other implementations list few of one /16: so few that two are never too many, of ids that begin alike either. */
const GROUP_PREFIX = 16
const OF_ONE_GROUP = 2

function hasForeign({ nodes }: Scenario): boolean {
  return Object.values(nodes).some(({ program = 'kadlab' }) => !isOurs(program))
}

/** Room for everybody, and where peers of other implementations look on, groups enough that none of them is full. */
function internetPrefix(scenario: Scenario, addresses: number): number {
  const groups = Math.ceil(addresses / OF_ONE_GROUP)
  if (!hasForeign(scenario) || groups <= 1) return prefixFor(addresses)
  return Math.max(SMALLEST_PREFIX, GROUP_PREFIX - Math.ceil(Math.log2(groups)))
}

/** Where each group of a network begins, from the network's own start. */
function groupsOf({ prefix }: Cidr): number[] {
  const size = 2 ** (32 - GROUP_PREFIX)
  return Array.from({ length: 2 ** Math.max(0, GROUP_PREFIX - prefix) }, (_, at) => at * size)
}

function prefixFor(addresses: number): number {
  return addresses <= ROOM_OF_24 ? 24 : 16
}

interface Wish {
  name: string
  cidr: Cidr
}

function collectWishes(
  scenario: Scenario,
  conditions: NetworkConditions,
  onFault: (fault: Fault) => void,
): Wish[] {
  const wishes: Wish[] = []
  const internet = parsed(scenario.internet)
  if (internet !== null) wishes.push({ name: 'internet', cidr: internet })
  for (const [name, { subnet }] of Object.entries(scenario.sites)) {
    const wished = parsed(subnet)
    if (wished === null) continue
    const rival = wishes.find((wish) => overlaps(wish.cidr, wished))
    if (rival?.name === 'internet') {
      onFault({
        path: ['sites', name, 'subnet'],
        message: `${formatCidr(wished)} overlaps the internet (${formatCidr(rival.cidr)})`,
      })
    } else if (rival !== undefined && !conditions.sameSubnets) {
      onFault({
        path: ['sites', name, 'subnet'],
        message:
          `${formatCidr(wished)} overlaps site ${rival.name} (${formatCidr(rival.cidr)}), which this fabric ` +
          'cannot have: run it with --fabric sim, or give the sites networks of their own',
      })
    } else wishes.push({ name, cidr: wished })
  }
  return wishes
}

function checkPublicSite(
  site: string,
  spec: Scenario['sites'][string],
  onFault: (fault: Fault) => void,
): void {
  for (const key of ['subnet', 'public', 'link'] as const) {
    if (spec[key] === undefined) continue
    onFault({
      path: ['sites', site, key],
      atKey: true,
      message: `a site with nat public has no router and no network of its own, so it takes no '${key}'`,
    })
  }
}

function rangeOf(wished: Cidr): Cidr {
  const range = PRIVATE_RANGES.find((range) => overlaps(range, wished))
  return range ?? { base: Math.floor(wished.base / 2 ** 24) * 2 ** 24, prefix: 8 }
}

function parsed(text: string | undefined): Cidr | null {
  return text === undefined ? null : parseCidr(text)
}
