import type { AgentPlace } from '#orchestrator/fabric/fabric.ts'
import { lastFreeAddresses } from '#orchestrator/net/free-addresses.ts'
import type { Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { networkNamed, outsideAddresses } from '#orchestrator/plan/router-addresses.ts'

/** Where the agents stand that measure one router: one on its inside, two on its outside. */
export interface RouterProbe {
  router: RouterPlan
  inside: AgentPlace
  reflectors: [AgentPlace, AgentPlace]
}

export interface ProofPlan {
  /** Every place once: a carrier's network has agents that are outside of the home's router and inside of the carrier's. */
  places: AgentPlace[]
  probes: RouterProbe[]
}

/**
 * Decides where a NAT proof's agents stand. Each router is measured alone, from both of its own sides: so the two routers
 * of `cgnat` are told apart.
 *
 * Agents take addresses that nobody in the plan has, but for a translated or a forwarded address, which only works from there:
 * then the agent takes the node's place, and is gone before nodes start.
 */
export function planProof(plan: Plan): ProofPlan {
  const taken = addressesOf(plan)
  const places = new Map<string, AgentPlace>()

  const place = (name: string, network: string, address: string): AgentPlace => {
    const known = places.get(name)
    if (known !== undefined) return known
    const { gateway } = networkNamed(network, plan.networks)
    const made = { name, network, address, gateway }
    places.set(name, made)
    return made
  }
  const freePlace = (network: string, index: number): AgentPlace => {
    const { subnet } = networkNamed(network, plan.networks)
    // The topmost is the engine's, which wants an address of each network that has no gateway.
    const address = lastFreeAddresses(subnet, taken, index + 2)[index + 1] as string
    return place(`probe-${network}-${index + 1}`, network, address)
  }
  const insidePlace = (router: RouterPlan): AgentPlace => {
    const { network } = router.lan
    // A carrier may forward to the home's router, which is no place for an agent.
    const routers = new Set(plan.routers.flatMap((each) => [each.wan.address, each.lan.address]))
    const bound = router.nat.oneToOne[0]?.private ?? router.nat.forwards[0]?.to
    const address = bound === undefined || routers.has(bound) ? undefined : bound
    return address === undefined
      ? freePlace(network, 0)
      : place(`probe-${network}-inside`, network, address)
  }

  const probes = plan.routers.map((router): RouterProbe => ({
    router,
    inside: insidePlace(router),
    reflectors: [freePlace(router.wan.network, 0), freePlace(router.wan.network, 1)],
  }))
  return { places: [...places.values()], probes }
}

function addressesOf(plan: Plan): Set<string> {
  return new Set([
    ...plan.networks.flatMap((network) => (network.gateway === null ? [] : [network.gateway])),
    ...plan.routers.flatMap((router) => [
      router.lan.address,
      router.lan.ownAddress,
      ...outsideAddresses(router),
      ...router.nat.oneToOne.map((pair) => pair.private),
    ]),
    ...plan.variants.flatMap((variant) =>
      variant.nodes.flatMap((node) => [node.address, node.publicAddress]),
    ),
  ])
}
