import type { NodeEvent } from '#node/events/node-event.ts'

/** What the nodes of a lab did to each other, by themselves: dial-backs, which the lab asks for, do not count. */
export interface Contacts {
  /** A node begins a life, in which it has dialled nobody. */
  begins(node: string): void
  /** Something of the lab is changed: what is connected from here on is connected after the change. */
  changed(): void
  /** Hears an event of a node. */
  onEvent(node: string, event: NodeEvent): void
  /** Whether the observer has dialled the target in its present life, by the target's peer id, with success or without. */
  hasDialled(observer: string, target: string): boolean
  /** Whether the two connected, as the observer tells it, since the last change. */
  connectedSinceChange(observer: string, target: string): boolean
}

/** @param peerIdOf the peer id of a node of the lab */
export function createContacts(peerIdOf: (node: string) => string): Contacts {
  const dialled = new Map<string, Set<string>>()
  const connected = new Map<string, Set<string>>()
  return {
    begins(node) {
      dialled.delete(node)
      connected.delete(node)
    },
    changed: () => connected.clear(),
    onEvent(node, event) {
      if (event.event === 'connected') {
        add(connected, node, event.peer)
        if (event.direction === 'outbound') add(dialled, node, event.peer)
      }
      if (event.event === 'dial-failed' && event.peer !== null) add(dialled, node, event.peer)
    },
    hasDialled: (observer, target) => dialled.get(observer)?.has(peerIdOf(target)) ?? false,
    connectedSinceChange: (observer, target) =>
      connected.get(observer)?.has(peerIdOf(target)) ?? false,
  }
}

function add(sets: Map<string, Set<string>>, node: string, peer: string): void {
  sets.set(node, (sets.get(node) ?? new Set()).add(peer))
}
