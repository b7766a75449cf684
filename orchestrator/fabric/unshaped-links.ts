import type { LinkPlan } from '#orchestrator/net/link.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import type { FabricName } from '#orchestrator/scenario/fabrics.ts'

/**
 * What a fabric of the kernel's does not do to packets though the plan asks for it, a line for each network. Its links are
 * as fast as the machine: shaping takes a kernel module (`sch_netem`) that not every machine has.
 */
export function unshapedLinks(plan: Plan, fabric: FabricName): string[] {
  return plan.networks.flatMap(({ name, link }) => {
    const asked = askedOf(link)
    return asked.length === 0
      ? []
      : [`network ${name}: ${asked.join(', ')} not applied on ${fabric}; --fabric sim does`]
  })
}

function askedOf({ latencyMs, jitterMs, rateBps, loss }: LinkPlan): string[] {
  return [
    ...(latencyMs === 0 ? [] : [`latency ${latencyMs} ms`]),
    ...(jitterMs === 0 ? [] : [`jitter ${jitterMs} ms`]),
    ...(rateBps === null ? [] : [`rate ${rateBps} bit/s`]),
    ...(loss === 0 ? [] : [`loss ${loss * 100} %`]),
  ]
}
