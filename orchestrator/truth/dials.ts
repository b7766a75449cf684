import type { DialErrorKind } from '#node/judgement/causes.ts'
import type { HandshakeKind } from '#node/judgement/handshake-error.ts'
import { hostPort, peerIdOf } from '#node/judgement/multiaddr-facts.ts'
import type { NodePlan, VariantPlan } from '../plan/plan-type.ts'
import { type NodeFacts, nodeFacts } from './node-facts.ts'
import { type Arrival, type Endpoint, follow, type Ground } from './packets.ts'

/** A variant with what its nodes' settings make of them. */
export interface World {
  readonly ground: Ground
  readonly nodes: readonly NodePlan[]
  readonly facts: ReadonlyMap<string, NodeFacts>
}

/** How a dial may fail in a lab: whatever listens there is libp2p and shakes hands. */
export type TrueKind = Exclude<DialErrorKind, HandshakeKind>

/** How the dial of one address must end. */
export interface TrueDial {
  readonly address: string
  /** The node whose listener answers; null where none does. */
  readonly answeredBy: string | null
  /** Why it fails; null where the peer that was dialled answers. */
  readonly kind: TrueKind | null
  /** What lies behind the failure, where the routers know more than the one who dials. */
  readonly why: 'no-hairpin' | 'closed' | null
}

/** The world of a variant: everybody of its plan, started. */
export function worldOf(
  plan: Pick<Ground, 'networks' | 'routers'>,
  variant: Pick<VariantPlan, 'nodes'>,
): World {
  const { nodes } = variant
  return {
    ground: { networks: plan.networks, routers: plan.routers, nodes },
    nodes,
    facts: new Map(nodes.map((node) => [node.name, nodeFacts(node)])),
  }
}

/** What a node of the world is set to. @throws RangeError for a name that is none */
export function factsOf({ facts }: World, name: string): NodeFacts {
  const found = facts.get(name)
  if (found === undefined) throw new RangeError(`there is no node ${name}`)
  return found
}

/** The dial of a multiaddr by a node; at an address without a peer id whoever answers is right. */
export function trueDial(world: World, from: string, address: string): TrueDial {
  const found = hostPort(address)
  if (found === null || found.family !== 'ip4' || found.port === null) {
    return { address, answeredBy: null, kind: 'other', why: null }
  }
  const arrival = follow(world.ground, from, { address: found.host, port: found.port })
  if (arrival.kind !== 'host') return { address, answeredBy: null, ...failureOf(arrival) }
  // A node that could not start leaves no machine behind at its address.
  if (!factsOf(world, arrival.node).starts) {
    return { address, answeredBy: null, kind: 'no-route', why: null }
  }
  const answeredBy = listenerAt(world, arrival.node, arrival.endpoint)
  if (answeredBy === null) return { address, answeredBy, kind: 'refused', why: null }
  const { peerId } = answeredBy
  const wanted = peerIdOf(address)
  const { name } = answeredBy
  if (peerId === factsOf(world, from).peerId) {
    return { address, answeredBy: name, kind: 'own-address', why: null }
  }
  const kind = wanted === null || wanted === peerId ? null : 'wrong-peer-id'
  return { address, answeredBy: name, kind, why: null }
}

function failureOf(arrival: Exclude<Arrival, { kind: 'host' }>): Pick<TrueDial, 'kind' | 'why'> {
  if (arrival.kind === 'no-route') return { kind: 'no-route', why: null }
  return { kind: 'timed-out', why: arrival.why === 'no-hairpin' ? 'no-hairpin' : 'closed' }
}

function listenerAt(world: World, node: string, { address, port }: Endpoint): NodeFacts | null {
  const facts = factsOf(world, node)
  const listens = facts.listening.some(
    (each) => each.port === port && (each.address === '0.0.0.0' || each.address === address),
  )
  return listens ? facts : null
}

/**
 * The node at which an address points, reached or not: who has it inside the network of `from`, else who is known by it
 * to the world, else the only one anywhere that has it. Null where it points at nobody, or at several.
 */
export function meantBy({ ground, nodes }: World, from: string, address: string): string | null {
  const found = hostPort(address)
  if (found === null) return null
  const own = nodes.find(({ name }) => name === from)
  const others = nodes.filter(({ name }) => name !== from)
  const neighbour = others.find(
    (node) => node.network === own?.network && node.address === found.host,
  )
  if (neighbour !== undefined) return neighbour.name
  const behind = others.filter(({ publicAddress }) => publicAddress === found.host)
  if (behind.length > 0) return oneOf(ground, behind, found.port)
  const anywhere = others.filter((node) => node.address === found.host)
  return anywhere.length === 1 ? (anywhere[0]?.name ?? null) : null
}

/** Of several nodes behind one address: to whom the port is forwarded, else the only one. */
function oneOf(ground: Ground, behind: readonly NodePlan[], port: number | null): string | null {
  const [first, ...rest] = behind
  if (rest.length === 0) return first?.name ?? null
  const forward = ground.routers
    .filter(({ lan }) => lan.network === first?.network)
    .flatMap(({ nat }) => nat.forwards)
    .find((each) => each.port === port)
  return behind.find(({ address }) => address === forward?.to)?.name ?? null
}
