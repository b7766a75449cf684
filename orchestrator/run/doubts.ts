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
  /** Whether something that the observer has found dialable, or not, may be otherwise by now. */
  hasOldDials(observer: string): boolean
  /** The observer has dialled everybody anew. */
  redialled(observer: string): void
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
  const withOldDials = new Set<string>()
  return {
    about(concerned) {
      for (const node of nodes) withOldDials.add(node)
      for (const [observer, targets] of doubtful) {
        for (const target of nodes) {
          if (concerned.includes(observer) || concerned.includes(target)) targets.add(target)
        }
      }
    },
    between(one, other) {
      withOldDials.add(one).add(other)
      doubtful.get(one)?.add(other)
      doubtful.get(other)?.add(one)
    },
    onEvent(node, event) {
      if (event.event === 'connected') doubtful.get(node)?.delete(nodeOf(event.peer))
    },
    has: (observer, target) => doubtful.get(observer)?.has(target) ?? false,
    hasOldDials: (observer) => withOldDials.has(observer),
    redialled: (observer) => withOldDials.delete(observer),
    settle: (observer, target) => doubtful.get(observer)?.delete(target),
  }
}
