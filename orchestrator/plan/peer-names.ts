import type { NodePlan, Plan } from './plan-type.ts'

/** The variable `PEER_NAMES` of a node that is to call the others as its plan does. */
export function peerNames(nodes: readonly Pick<NodePlan, 'name' | 'peerId'>[]): string {
  return nodes.map(({ name, peerId }) => `${name}=${peerId}`).join(' ')
}

/** The nodes of the variant that a node belongs to. */
export function companyOf(node: NodePlan, plan: Plan): readonly NodePlan[] {
  return plan.variants.find(({ nodes }) => nodes.includes(node))?.nodes ?? [node]
}
