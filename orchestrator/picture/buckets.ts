import { placeOf, sharedBitsOf } from '../net/key-space.ts'
import type { NodePicture, VariantPicture } from './picture.ts'

/** Contacts that a k-bucket has room for. */
export const BUCKET_SIZE = 20

/** One k-bucket of a node: what is in it, and what would be if everybody could be listed. */
export interface Bucket {
  /** How many leading bits its contacts' places have in common with the node's own: the more, the nearer. */
  sharedBits: number
  /** Names of nodes that are listed, whatever they run. */
  listed: string[]
  /** Names of servers that belong here and are not listed. */
  missing: string[]
}

/** The k-buckets of a node, the farthest first; those that are empty and would be are left out. */
export function bucketsOf(node: NodePicture, { nodes }: VariantPicture): Bucket[] {
  const own = placeOf(node.plan.peerId)
  const buckets = new Map<number, Bucket>()
  for (const { plan, mode, state } of nodes) {
    // A node's double has its identity, and so its own place: it belongs into no bucket.
    if (plan.peerId === node.plan.peerId) continue
    const isListed = (node.peers[plan.peerId]?.listed ?? null) !== null
    const belongs = mode === 'server' && state === 'up'
    if (!isListed && !belongs) continue
    const sharedBits = sharedBitsOf(own, placeOf(plan.peerId))
    const bucket = buckets.get(sharedBits) ?? { sharedBits, listed: [], missing: [] }
    bucket[isListed ? 'listed' : 'missing'].push(plan.name)
    buckets.set(sharedBits, bucket)
  }
  return [...buckets.values()].toSorted((one, other) => one.sharedBits - other.sharedBits)
}
