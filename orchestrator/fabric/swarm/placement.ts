import type { Plan } from '#orchestrator/plan/plan-type.ts'

/** What an engine can carry, in the same measure for all. */
export type Capacity = number

/** Memory that goes with a processor where neither is short: some ten nodes keep it busy while they join, and take less. */
const BYTES_OF_A_PROCESSOR = 2 ** 30

/**
 * What an engine can carry: its processors, or what its memory is enough for where that is less.
 *
 * @param memory - bytes; 0: not known
 */
export function capacityOf({
  processors,
  memory,
}: {
  processors: number
  memory: number
}): Capacity {
  return memory > 0 ? Math.min(processors, memory / BYTES_OF_A_PROCESSOR) : processors
}

/** Where the parts of a plan stand: by the key of a part, the number of its engine. */
export type Placement = ReadonlyMap<string, number>

/**
 * The part of a plan that must stand on one engine: a site with all routers between it and the internet; on the internet,
 * each address for itself.
 */
export function partOf(place: { network: string; address: string }, plan: Plan): string {
  let { network } = place
  for (let steps = 0; steps <= plan.routers.length; steps += 1) {
    const router = plan.routers.find(({ lan }) => lan.network === network)
    if (router === undefined) break
    const { network: outer } = router.wan
    const isInternet = !plan.routers.some(({ lan }) => lan.network === outer)
    if (isInternet) return network
    network = outer
  }
  return `${network} ${place.address}`
}

/**
 * Spreads the parts of a plan over engines by what these can carry: the heaviest part first, each to the engine that is
 * then the least loaded for its capacity; among equals the first of the file.
 *
 * @param capacities - of each engine, above 0
 */
export function placeParts(plan: Plan, capacities: readonly Capacity[]): Placement {
  const weights = new Map<string, number>()
  for (const { lan } of plan.routers) {
    const part = partOf({ network: lan.network, address: lan.ownAddress }, plan)
    // A router is a tenth of a node.
    weights.set(part, (weights.get(part) ?? 0) + 0.1)
  }
  // A node is there once, whatever variants it is in.
  const places = new Map(
    plan.variants.flatMap(({ nodes }) =>
      nodes.map((node) => [`${node.network} ${node.address}`, node] as const),
    ),
  )
  for (const place of places.values()) {
    const part = partOf(place, plan)
    weights.set(part, (weights.get(part) ?? 0) + 1)
  }
  const loads = capacities.map(() => 0)
  const placement = new Map<string, number>()
  const heaviestFirst = [...weights].toSorted((one, other) => other[1] - one[1])
  for (const [part, weight] of heaviestFirst) {
    const after = loads.map((load, index) => (load + weight) / (capacities[index] ?? 1))
    const chosen = after.indexOf(Math.min(...after))
    loads[chosen] = (loads[chosen] ?? 0) + weight
    placement.set(part, chosen)
  }
  return placement
}
