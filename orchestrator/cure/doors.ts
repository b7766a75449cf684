import type { RemedyAction } from '#node/judgement/causes.ts'
import type { NodePlan, RouterPlan } from '../plan/plan-type.ts'
import { factsOf, type World } from '../truth/dials.ts'
import { follow } from '../truth/packets.ts'

/** Where the world reaches a node, and what must be opened for that. */
export interface Door {
  readonly address: string
  readonly port: number
  /** The port of its own to which it leads. */
  readonly inside: number
  readonly opens: readonly RemedyAction[]
}

/** Why nobody can open one. */
export interface NoDoor {
  readonly none: string
}

/** Outside ports that are tried where a node's own is taken. */
const FURTHER_PORTS = 20_000
/** Somebody on the internet who is nobody of the plan. */
const STRANGER = { name: '', network: 'internet', address: '0.0.0.0' }

/** The door of each node: one that is open, else one that the owner of its router can open. */
export function doorsOf(world: World): Map<string, Door | NoDoor> {
  const doors = new Map<string, Door | NoDoor>()
  /** Outside ports that are taken, by router. */
  const taken = new Map<string, Set<number>>(
    world.ground.routers.map(({ name, nat }) => [
      name,
      new Set(nat.forwards.map(({ port }) => port)),
    ]),
  )
  for (const node of world.nodes) {
    doors.set(node.name, openDoor(world, node) ?? doorToOpen(world, node, taken))
  }
  return doors
}

/** The ports on which a node listens, or would where its addresses to listen on were its own. */
export function insidePorts(world: World, node: string): number[] {
  return [...new Set(factsOf(world, node).listening.map(({ port }) => port))]
}

export function routersOf(world: World, site: string): RouterPlan[] {
  return world.ground.routers.filter((router) => router.site === site)
}

function openDoor(world: World, { name, site, publicAddress }: NodePlan): Door | null {
  const ground = { ...world.ground, nodes: [...world.ground.nodes, STRANGER] }
  const inside = insidePorts(world, name)
  const outermost = routersOf(world, site).at(-1)
  const further = outermost?.nat.forwards.map(({ port }) => port) ?? []
  for (const port of new Set([...inside, ...further])) {
    const arrival = follow(ground, STRANGER.name, { address: publicAddress, port })
    if (arrival.kind !== 'host' || arrival.node !== name) continue
    if (!inside.includes(arrival.endpoint.port)) continue
    return { address: publicAddress, port, inside: arrival.endpoint.port, opens: [] }
  }
  return null
}

function doorToOpen(
  world: World,
  { name, site, publicAddress }: NodePlan,
  taken: ReadonlyMap<string, Set<number>>,
): Door | NoDoor {
  const [router, carrier] = routersOf(world, site)
  const inside = insidePorts(world, name)[0]
  if (inside === undefined) return { none: `${name} listens on no address of IPv4` }
  if (router === undefined) return { none: `${name} has no router that could let anybody in` }
  if (carrier !== undefined) {
    const ports = taken.get(router.name) ?? new Set<number>()
    const led = carrier.nat.forwards.find(
      ({ protocol, to, toPort }) =>
        protocol === 'tcp' && to === router.wan.address && !ports.has(toPort),
    )
    if (led !== undefined) {
      ports.add(led.toPort)
      const forward = { port: led.toPort, to: name, toPort: inside }
      const opens = [{ router: router.name, forward }]
      return { address: publicAddress, port: led.port, inside, opens }
    }
    return {
      none: `${name} is behind a carrier, where nobody can forward a port: it is of use as a client (KAD_MODE=client), and can be reached through a relay alone`,
    }
  }
  if (router.nat.oneToOne.length > 0) {
    const opens = [{ router: router.name, allow: inside }]
    return { address: publicAddress, port: inside, inside, opens }
  }
  const ports = taken.get(router.name) ?? new Set<number>()
  let port = inside
  while (ports.has(port)) port = port < FURTHER_PORTS ? FURTHER_PORTS : port + 1
  ports.add(port)
  const opens = [{ router: router.name, forward: { port, to: name, toPort: inside } }]
  return { address: publicAddress, port, inside, opens }
}
