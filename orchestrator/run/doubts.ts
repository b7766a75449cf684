import type { NodeEvent } from '#node/events/node-event.ts'

/**
 * What nodes know of each other and may not be so any more. Connections, pair by pair: a router forgot its mappings, or packets
 * were dropped for a while, and whoever has one finds out when it next sends something. And dial-backs from before.
 */
export interface Doubts {
  /** Each connection between these and anybody may be dead. */
  about(nodes: readonly string[]): void
  /** So may those between two. */
  between(one: string, other: string): void
  /** Hears an event of a node: a connection that is made is alive. */
  onEvent(node: string, event: NodeEvent): void
  has(observer: string, target: string): boolean
  /** Whether what the observer found when it dialled the target may be otherwise by now. */
  hasOldDials(observer: string, target: string): boolean
  /** The observer has dialled the target anew, and reached it. */
  reached(observer: string, target: string): void
  /** Something came over the connections of the two, or they are closed. */
  settle(observer: string, target: string): void
}

/**
 * @param nodes names of all that a variant has
 * @param nodeOf the node of a peer id, or what it is given where there is none
 */
export function createDoubts(nodes: readonly string[], nodeOf: (peerId: string) => string): Doubts {
  /** By observer. */
  const doubtful = new Map(nodes.map((node) => [node, new Set<string>()]))
  /** Likewise: whom it dialled before a change, or has not reached since. */
  const oldDials = new Map(nodes.map((node) => [node, new Set<string>()]))
  return {
    about(concerned) {
      for (const pairs of [doubtful, oldDials]) {
        for (const [observer, targets] of pairs) {
          for (const target of nodes) {
            if (concerned.includes(observer) || concerned.includes(target)) targets.add(target)
          }
        }
      }
    },
    between(one, other) {
      for (const pairs of [doubtful, oldDials]) {
        pairs.get(one)?.add(other)
        pairs.get(other)?.add(one)
      }
    },
    onEvent(node, event) {
      if (event.event === 'connected') doubtful.get(node)?.delete(nodeOf(event.peer))
    },
    has: (observer, target) => doubtful.get(observer)?.has(target) ?? false,
    hasOldDials: (observer, target) => oldDials.get(observer)?.has(target) ?? false,
    reached: (observer, target) => void oldDials.get(observer)?.delete(target),
    settle: (observer, target) => doubtful.get(observer)?.delete(target),
  }
}
