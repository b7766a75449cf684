import type { NodeEvent } from '#node/events/node-event.ts'

/** The lives of a lab's nodes: what one knew of another before that one was started again says nothing of it now. */
export interface Lives {
  /** A node begins a life; what it had met before is forgotten. */
  begins(node: string): void
  /** Hears an event of a node. */
  onEvent(node: string, event: NodeEvent): void
  /**
   * Whether whatever the observer knows of the target is of a life before the target's present one: it was started again, and the
   * observer has not met it since. False for a target in its first life, and for one that does not run any more.
   */
  knowsOnlyFormer(observer: string, target: string): boolean
}

/** Whom an observer is connected to, and has met in the peer's present life. */
interface Acquaintance {
  /** Peers with a connection, of whichever life. */
  connected: Set<string>
  /**
   * By peer, whether it is sure that it was in its present life: a connection or a dial began in it. It is not where the peer was
   * identified on a connection that may be of the life before: until that one closes, no event tells of a new one beside it.
   */
  met: Map<string, boolean>
}

/** @param peerIdOf the peer id of a node of the lab */
export function createLives(peerIdOf: (node: string) => string): Lives {
  /** By node, how often it began. */
  const lives = new Map<string, number>()
  const acquaintances = new Map<string, Acquaintance>()
  return {
    begins(node) {
      lives.set(node, (lives.get(node) ?? 0) + 1)
      acquaintances.set(node, { connected: new Set(), met: new Map() })
      for (const { met } of acquaintances.values()) met.delete(peerIdOf(node))
    },
    onEvent(node, event) {
      const known = acquaintances.get(node)
      if (known !== undefined) hear(event, known)
    },
    knowsOnlyFormer: (observer, target) =>
      (lives.get(target) ?? 0) > 1 &&
      acquaintances.get(observer)?.met.has(peerIdOf(target)) !== true,
  }
}

function hear(event: NodeEvent, { connected, met }: Acquaintance): void {
  if (event.event === 'connected') {
    connected.add(event.peer)
    met.set(event.peer, true)
  } else if (event.event === 'dialled-back') {
    if (event.ok) met.set(event.peer, true)
  } else if (event.event === 'identified') {
    // An answer may be read after the connection that it came on has closed.
    if (connected.has(event.peer) && !met.has(event.peer)) met.set(event.peer, false)
  } else if (event.event === 'closed') {
    connected.delete(event.peer)
    if (met.get(event.peer) === false) met.delete(event.peer)
  }
}
