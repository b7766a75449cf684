import type { NodeApi } from '#node/api/node-api.ts'
import type { AbortOptions } from '#node/base/abort-options.ts'
import type { TableHealth } from './table-health.ts'

/** The nodes of a running variant, by their names. */
export interface LabNodes {
  /** The API of a running node; throws where it does not run. */
  api(node: string): NodeApi
  /** The peer id of a node, running or not. */
  peerId(node: string): string
  /** The node of a peer id, or the peer id itself. */
  nameOf(peerId: string): string
  /** Whether whatever the observer knows of the target is of a life before the target's present one. */
  knowsOnlyFormer(observer: string, target: string): boolean
  /** Whether the observer has dialled the target in its present life. */
  hasDialled(observer: string, target: string): boolean
  /** How good the routing tables are now. */
  tableHealth(): TableHealth
  /** Whether the two connected, as the observer tells it, since the last step that changed something. */
  connectedSinceChange(observer: string, target: string): boolean
  /**
   * Whether the observer's connections to the target are alive: where something happened that may have ended them without a
   * word, a ping tells, and closes those over which nothing comes. True where nobody can be told to ping.
   */
  isAlive(observer: string, target: string, options?: AbortOptions): Promise<boolean>
}
