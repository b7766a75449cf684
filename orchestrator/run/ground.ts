import type { LinkPlan } from '#orchestrator/net/link.ts'
import { deriveIdentity } from '#orchestrator/plan/identity.ts'
import type {
  NetworkPlan,
  NodePlan,
  Plan,
  RouterPlan,
  VariantPlan,
} from '#orchestrator/plan/plan-type.ts'

/** A variant's networks and nodes as its steps have made them so far. */
export interface ChangingGround {
  /** The plan, and its variant, as they are now. */
  readonly plan: Plan
  readonly variant: VariantPlan
  /** @throws RangeError where there is no such router */
  router(name: string): RouterPlan
  /** @throws RangeError where there is no such node */
  node(name: string): NodePlan
  /** Names of the nodes of a site. */
  nodesOf(site: string): string[]
  /** The node that has, or had, this peer id; the peer id itself where none did. */
  nameOf(peerId: string): string
  /** @throws RangeError where there is no such router */
  changeRouter(router: RouterPlan): void
  /** Gives a node another key, for when it is started again. */
  renewIdentity(node: string): void
  /** Gives a network another link. @throws RangeError where there is no such network */
  shape(network: string, link: LinkPlan): void
  /** The networks whose link is not as the plan has it any more, as the plan has them. */
  shaped(): NetworkPlan[]
  /** The routers that are not as the plan has them any more, as the plan has them. */
  changed(): RouterPlan[]
}

/** @param onChange called after each change */
export function createGround(
  planned: Plan,
  plannedVariant: VariantPlan,
  onChange: () => void,
): ChangingGround {
  let plan = planned
  let variant = plannedVariant
  /** Looked into for each pair that is judged. */
  let byName = nodesByName(variant)
  const setNodes = (nodes: NodePlan[]): void => {
    variant = { ...variant, nodes }
    byName = nodesByName(variant)
  }
  const names = new Map(variant.nodes.map(({ peerId, name }) => [peerId, name]))
  /** How often each node has had another key. */
  const renewed = new Map<string, number>()
  return {
    get plan() {
      return plan
    },
    get variant() {
      return variant
    },
    router: (name) => named(plan.routers, name, 'router'),
    node(name) {
      const found = byName.get(name)
      if (found === undefined) throw new RangeError(`the plan has no node ${name}`)
      return found
    },
    nodesOf: (site) => variant.nodes.filter((node) => node.site === site).map(({ name }) => name),
    nameOf: (peerId) => names.get(peerId) ?? peerId,
    changeRouter(router) {
      const before = named(plan.routers, router.name, 'router')
      const routers = plan.routers.map((each) => (each === before ? router : each))
      plan = { ...plan, routers }
      const nodes = variant.nodes.map((node) => {
        const publicAddress = seenAs(node, before, router)
        return publicAddress === node.publicAddress ? node : { ...node, publicAddress }
      })
      setNodes(nodes)
      onChange()
    },
    renewIdentity(name) {
      const times = (renewed.get(name) ?? 0) + 1
      renewed.set(name, times)
      const identity = deriveIdentity(plan.seed, `${name} ${times}`)
      names.set(identity.peerId, name)
      const nodes = variant.nodes.map((each) => {
        if (each.name !== name) return each
        const env = { ...each.env, IDENTITY_SEED: identity.identitySeed }
        return { ...each, ...identity, env }
      })
      setNodes(nodes)
      onChange()
    },
    shape(name, link) {
      const before = named(plan.networks, name, 'network')
      const networks = plan.networks.map((each) => (each === before ? { ...each, link } : each))
      plan = { ...plan, networks }
      onChange()
    },
    shaped: () => planned.networks.filter((network, index) => plan.networks[index] !== network),
    changed: () => planned.routers.filter((router, index) => plan.routers[index] !== router),
  }
}

function nodesByName({ nodes }: VariantPlan): ReadonlyMap<string, NodePlan> {
  return new Map(nodes.map((node) => [node.name, node]))
}

/** The address under which the world sees a node once its router's outside addresses are others. */
function seenAs(node: NodePlan, before: RouterPlan, router: RouterPlan): string {
  if (node.site !== router.site) return node.publicAddress
  const pair = router.nat.oneToOne.find((each) => each.private === node.address)
  if (pair !== undefined) return pair.public
  return node.publicAddress === before.wan.address ? router.wan.address : node.publicAddress
}

function named<T extends { name: string }>(all: readonly T[], name: string, what: string): T {
  const found = all.find((each) => each.name === name)
  if (found === undefined) throw new RangeError(`the plan has no ${what} ${name}`)
  return found
}
