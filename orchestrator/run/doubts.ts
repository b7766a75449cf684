import type { NodeEvent } from '#node/events/node-event.ts'

/**
 * Connections that may have ended without a word, pair by pair: a router forgot its mappings, or packets were dropped for
 * a while. Whoever has one finds out when it next sends something.
 */
export interface Doubts {
  /** Each connection between these and anybody may be dead. */
  about(nodes: readonly string[]): void
  /** So may those between two. */
  between(one: string, other: string): void
  /** Hears an event of a node: a connection that is made is alive. */
  onEvent(node: string, event: NodeEvent): void
  has(observer: string, target: string): boolean
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
  return {
    about(concerned) {
      for (const [observer, targets] of doubtful) {
        for (const target of nodes) {
          if (concerned.includes(observer) || concerned.includes(target)) targets.add(target)
        }
      }
    },
    between(one, other) {
      doubtful.get(one)?.add(other)
      doubtful.get(other)?.add(one)
    },
    onEvent(node, event) {
      if (event.event === 'connected') doubtful.get(node)?.delete(nodeOf(event.peer))
    },
    has: (observer, target) => doubtful.get(observer)?.has(target) ?? false,
    settle: (observer, target) => doubtful.get(observer)?.delete(target),
  }
}
