import { contains, parseAddress, parseCidr } from '../net/addresses.ts'
import type { NodePlan, Plan, RouterPlan } from '../plan/plan-type.ts'

/** A TCP endpoint: an IPv4 address and a port. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** What packets are followed over: networks, routers, and who stands on them. */
export interface Ground {
  readonly networks: Plan['networks']
  readonly routers: readonly RouterPlan[]
  readonly nodes: readonly Pick<NodePlan, 'name' | 'network' | 'address'>[]
}

/** Where the first packet of a connection ends. */
export type Arrival =
  /** At a host: the node, and the endpoint of its own at which the packet arrives. */
  | { readonly kind: 'host'; readonly node: string; readonly endpoint: Endpoint }
  /** At a router that lets it through no further, without a word. */
  | {
      readonly kind: 'dropped'
      readonly router: string
      readonly why: 'closed' | 'no-hairpin' | 'no-way-out'
    }
  /** Nowhere: no route leads there, or nobody has the address. */
  | { readonly kind: 'no-route' }

const NO_ROUTE: Arrival = { kind: 'no-route' }

/**
 * Follows the first packet that a node sends to an endpoint, by what the routers' configuration says (RFC 4787 in
 * words, no state: nobody has spoken before). Ports that mappings of earlier connections hold open are of no use to a
 * listener, which they do not lead to.
 */
export function follow(ground: Ground, from: string, to: Endpoint): Arrival {
  const node = ground.nodes.find(({ name }) => name === from)
  if (node === undefined) return NO_ROUTE
  if (to.address.startsWith('127.') || to.address === node.address) {
    return { kind: 'host', node: from, endpoint: to }
  }
  return onNetwork(ground, node.network, node.address, to)
}

/** A packet on a network, sent there by a host or by a router. */
function onNetwork(ground: Ground, network: string, source: string, to: Endpoint): Arrival {
  const here = ground.networks.find(({ name }) => name === network)
  const subnet = here === undefined ? null : parseCidr(here.subnet)
  const address = parseAddress(to.address)
  if (here === undefined || subnet === null || address === null) return NO_ROUTE
  if (!contains(subnet, address)) {
    const router = ground.routers.find(({ lan }) => lan.network === network)
    return router === undefined ? NO_ROUTE : fromInside(ground, router, source, to)
  }
  const node = ground.nodes.find((each) => each.network === network && each.address === to.address)
  if (node !== undefined) return { kind: 'host', node: node.name, endpoint: to }
  const router = ground.routers.find(
    (each) => each.wan.network === network && outsideAddresses(each).includes(to.address),
  )
  return router === undefined ? NO_ROUTE : fromOutside(ground, router, to)
}

/** A packet that somebody inside hands to a router. */
function fromInside(ground: Ground, router: RouterPlan, source: string, to: Endpoint): Arrival {
  const { oneToOne, hairpin } = router.nat
  const pair = oneToOne.find((each) => each.private === source)
  if (oneToOne.length > 0 && pair === undefined) {
    return { kind: 'dropped', router: router.name, why: 'no-way-out' }
  }
  if (outsideAddresses(router).includes(to.address)) {
    if (!hairpin) return { kind: 'dropped', router: router.name, why: 'no-hairpin' }
    return fromOutside(ground, router, to)
  }
  return onNetwork(ground, router.wan.network, pair?.public ?? router.wan.address, to)
}

/** A packet to one of a router's outside addresses. */
function fromOutside(ground: Ground, router: RouterPlan, to: Endpoint): Arrival {
  const { oneToOne, allow, forwards } = router.nat
  const pair = oneToOne.find((each) => each.public === to.address)
  if (pair !== undefined) {
    const isAllowed = allow.some(({ protocol, port }) => protocol === 'tcp' && port === to.port)
    if (!isAllowed) return { kind: 'dropped', router: router.name, why: 'closed' }
    return onNetwork(ground, router.lan.network, '', { address: pair.private, port: to.port })
  }
  const forward = forwards.find(
    ({ protocol, port }) =>
      protocol === 'tcp' && port === to.port && router.wan.address === to.address,
  )
  if (forward === undefined) return { kind: 'dropped', router: router.name, why: 'closed' }
  return onNetwork(ground, router.lan.network, '', { address: forward.to, port: forward.toPort })
}

/** Every address at which a router answers outside. */
export function outsideAddresses({ wan, nat }: RouterPlan): string[] {
  return [wan.address, ...wan.furtherAddresses, ...nat.oneToOne.map((pair) => pair.public)]
}
