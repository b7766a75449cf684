import type { NodePlan } from './plan-type.ts'

/** The variable `PEER_NAMES` of a node that is to call the others as its plan does. */
export function peerNames(nodes: readonly Pick<NodePlan, 'name' | 'peerId'>[]): string {
  return nodes.map(({ name, peerId }) => `${name}=${peerId}`).join(' ')
}
