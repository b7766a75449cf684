import type { Fault } from './fault.ts'

/**
 * A scenario as far as its steps have come, before anything runs: which nodes run, and what was stored. Each step
 * changes it, each expectation is held against it. A scene stands at a place in the file, where its faults are reported.
 */
export interface Scene {
  /** The variant's name, for messages. */
  readonly variant: string
  readonly nodes: readonly string[]
  /** Names of groups of nodes. */
  readonly groups: readonly string[]
  /** Names of all sites. */
  readonly sites: readonly string[]
  /** Sites that have a router, by their names. */
  readonly routedSites: ReadonlyMap<string, RoutedSite>
  /** Nodes that run at this step. */
  readonly running: Set<string>
  /** Nodes that run, and handle nothing at this step. */
  readonly paused: Set<string>
  /** Nodes that run or have run. */
  readonly hasRun: Set<string>
  /** Pairs of nodes between which something is blocked at this step, each as `pairOf` names it. */
  readonly blocked: Set<string>
  /** Nodes and sites whose cable is pulled at this step. */
  readonly cut: Set<string>
  readonly stored: StoredKeys
  /** The same scene, further down in the file. */
  at(...path: Fault['path']): Scene
  /** Reports a fault at a key of this place. */
  fault(key: string | number, message: string): void
  /** Whether the scenario has a node of this name; a fault at `key` where it has none. */
  isNode(key: string, node: string): boolean
  /** A fault at `key` unless a node of this name runs at this step, and is not paused. */
  mustRun(key: string, node: string): void
  /**
   * A fault at `at` unless this node takes the key, and one at `value` unless it takes the value.
   *
   * @param at where the key of the store stands
   * @param value null where there is none
   */
  mustFit(at: string, node: string, key: string, value: string | null): void
}

/** A site behind a router of its own. */
export interface RoutedSite {
  readonly nodes: readonly string[]
  /** True where each node has a public address of its own, behind a security group. */
  readonly isPaired: boolean
  /** What is forwarded, or allowed, at this step, as `tcp/3000`. Null: the ports that nodes listen on, and what steps open. */
  open: Set<string> | null
}

/** What steps have stored so far: nobody finds anything else. */
export interface StoredKeys {
  put(key: string, value: string): void
  provide(key: string, provider: string): void
  /** Why no node can find anything under the key; null where one may. */
  missingKey(key: string): string | null
  /** Why no node can find this value under the key; null where one may. */
  missingValue(key: string, value: string): string | null
  /** Why no node can find that this one provides the key; null where one may. */
  missingProvider(key: string, provider: string): string | null
}
