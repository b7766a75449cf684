import type { NodeApi } from '#node/api/node-api.ts'
import type { AbortOptions } from '#node/base/abort-options.ts'
import type { NodeEvent } from '#node/events/node-event.ts'
import type { Clock } from '#node/time/clock.ts'
import type { Block } from '#orchestrator/net/block.ts'
import type { LinkPlan } from '#orchestrator/net/link.ts'
import type { NodePlan, Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'
import type { ProbeAgent } from '#orchestrator/probe/probe-agent.ts'
import type { FabricName } from '#orchestrator/scenario/fabrics.ts'

/**
 * What makes a plan run. Each fabric keeps the same contract, which `test/orchestrator/fabric/contract.ts` holds
 * against all of them. No fabric imports another.
 */
export interface Fabric {
  readonly name: FabricName
  /** Whether it can run here, and why not. Never rejects for an engine that is not there. */
  probe(options?: AbortOptions): Promise<Availability>
  /** CIDRs that other networks hold, for the planner to keep away from. */
  takenSubnets(options?: AbortOptions): Promise<string[]>
  /**
   * Builds networks and routers, and starts no node. When it rejects (`FabricError`), nothing is left behind.
   * Whatever the plan needs once for all variants (an image) is made ready here.
   */
  start(plan: Plan, options: LabOptions): Promise<Lab>
  /**
   * Runs `body`, and the labs that it starts, by the clock on which their time passes: the system's, or simulated time
   * that jumps to whatever happens next. The same seed makes simulated time pass in the same way.
   */
  withClock<T>(seed: number, body: (clock: Clock) => Promise<T>): Promise<T>
  /** Removes what killed runs left: never a lab that still runs, nor a kept one unless `kept`. */
  clean(options: CleanOptions): Promise<string[]>
}

export interface Availability {
  available: boolean
  /** One line for people: which engine, or why none. */
  detail: string
  /** The engine's version; null where there is none. */
  engine: string | null
}

export interface CleanOptions extends AbortOptions {
  kept: boolean
  /** Only this lab, in whatever state it is but running under a process of this machine. Default null: all. */
  lab?: string | null
  /** Told of each lab that stays because nobody can tell whether it runs. */
  onLeft?: (line: string) => void
  /** Images of labs too, those that nothing uses. Default false. */
  images?: boolean
}

export interface LabOptions extends AbortOptions {
  /** Told of everything that happens in the lab, in order. */
  onEvent: (event: FabricEvent) => void
  /**
   * Told of every packet that is put on a network, as IPv4 bytes; only by fabrics whose facts say that they see packets.
   * Default: nobody is.
   */
  onPacket?: (network: string, bytes: Uint8Array) => void
  /** The lab is going to be kept: its nodes serve people who look into it. Default false. */
  keep?: boolean
}

/** What a fabric tells beside what its calls return. */
export type FabricEvent =
  | { type: 'progress'; text: string }
  | { type: 'node-event'; node: string; event: NodeEvent }
  /** A line of a node's log, or of a router's where it is a container. */
  | { type: 'node-log'; node: string; line: string }
  /** A router ended without being told to: nothing that is seen from then on is of the plan. */
  | { type: 'router-exit'; router: string; exitCode: number | null; lastLines: string[] }
  /** An engine of several is gone, and with it what ran there: the run is given up. */
  | { type: 'engine-lost'; engine: string; error: string }
  /** A node ended without being told to. */
  | { type: 'node-exit'; node: string; exitCode: number | null; lastLines: string[] }

/** A running plan. Stopping it, twice too, leaves nothing behind. */
export interface Lab extends AsyncDisposable {
  /** The label under which it can be found. */
  readonly id: string
  /** Starts a node of a variant; resolves when it listens. */
  startNode(node: NodePlan, options?: NodeStartOptions): Promise<LabNode>
  /**
   * Starts a node while another may still have its name and its place; it begins once `when` resolves, by when that one is gone.
   * Absent where the lab cannot.
   */
  readonly startAhead?:
    | ((node: NodePlan, options: AbortOptions & { when: Promise<void> }) => Promise<LabNode>)
    | undefined
  /** Puts a probe's agent on a network, at an address of it that is free. */
  startAgent(place: AgentPlace, options?: AbortOptions): Promise<ProbeAgent & AsyncDisposable>
  /** Makes a router, or all of them, forget its mappings. */
  flushNat(router: string | null, options?: AbortOptions): Promise<void>
  /**
   * Makes a router what this plan of it says: its NAT, and its outside addresses. What is open across it stays open where the
   * addresses stay, as at a router whose settings somebody changes; with another address all of it is gone.
   *
   * @throws FabricError for other addresses where the fabric cannot: its facts say so
   */
  changeRouter(router: RouterPlan, options?: AbortOptions): Promise<void>
  /**
   * Blocks these packets between nodes and no others, for nodes that start later too; what is under way may still arrive.
   *
   * @throws FabricError where the fabric cannot: its facts say so
   */
  block(blocks: readonly Block[], options?: AbortOptions): Promise<void>
  /**
   * Gives a network another link, from now on.
   *
   * @throws FabricError where the fabric cannot: its facts say so
   */
  shape(network: string, link: LinkPlan, options?: AbortOptions): Promise<void>
  /** A router's state as text files, by file name, for the report of a red verdict. */
  routerState(router: string, options?: AbortOptions): Promise<Record<string, string>>
  /** Leaves the lab up when this handle is disposed of; returns how to look into it and how to end it. */
  keep(options?: AbortOptions): Promise<string>
  stop(options?: AbortOptions): Promise<void>
}

export interface NodeStartOptions extends AbortOptions {
  /** The node begins once this resolves; what takes time and does not show may be done before. Default: at once. */
  when?: Promise<void> | undefined
}

export interface AgentPlace {
  name: string
  network: string
  address: string
  gateway: string | null
}

/** A started node. */
export interface LabNode extends AsyncDisposable {
  readonly name: string
  readonly api: NodeApi
  /** When the node's process, or sim node, was started and when it listened: milliseconds of `performance.now()`. */
  readonly startedAtMs: number
  readonly listeningAtMs: number
  /** Ends it as an operator would (SIGTERM); resolves when it is gone. */
  stop(options?: AbortOptions): Promise<void>
  /** Ends it without a goodbye (SIGKILL): nobody is told but by the ends of its connections. Resolves when it is gone. */
  kill(options?: AbortOptions): Promise<void>
  /**
   * Lets it handle nothing any more (as SIGSTOP does): its connections stay, its kernel goes on, nobody is answered. It can be
   * stopped and killed all the same. Twice is fine.
   */
  pause(options?: AbortOptions): Promise<void>
  /** Lets it go on: it handles what has come meanwhile. Twice is fine. */
  resume(options?: AbortOptions): Promise<void>
  /** Everything that it logged. */
  log(): string
}
