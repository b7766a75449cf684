import { reachOf } from '../judgement/multiaddr-facts.ts'
import type { NodeStatus } from './node-api.ts'

/**
 * What keeps others from finding a node that may well be ready to serve, one sentence each: what its doctor fails for.
 * The first node of a network is ready before anybody has joined it, or none could wait for it.
 */
export function doubtsOf({ mode, scope, announced, connections }: NodeStatus): string[] {
  const doubts: string[] = []
  if (connections === 0) {
    doubts.push('it is connected to nobody: see BOOTSTRAP, and whether others reach it')
  }
  const unseen =
    announced.length === 0
      ? 'announces nothing'
      : announced.every((address) => reachOf(address) !== 'public')
        ? `announces only ${announced.join(' and ')}`
        : null
  if (mode === 'server' && scope === 'public' && unseen !== null) {
    doubts.push(
      `it ${unseen}, which others leave out: set PUBLIC_IP to its public address (in a private network alone: ADDRESS_SCOPE=any on every node)`,
    )
  }
  return doubts
}
