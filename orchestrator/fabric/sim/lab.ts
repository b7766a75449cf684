import { randomBytes } from 'node:crypto'
import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Clock } from '#node/time/clock.ts'
import type { Block } from '#orchestrator/net/block.ts'
import type { LinkPlan } from '#orchestrator/net/link.ts'
import type { NodePlan, Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { createProbeAgent } from '#orchestrator/probe/agent.ts'
import type { ProbeAgent } from '#orchestrator/probe/probe-agent.ts'
import { isOurs } from '#orchestrator/scenario/programs.ts'
import { holdTime } from '#orchestrator/time/timeline.ts'
import { FabricError } from '../errors.ts'
import type { AgentPlace, Lab, LabNode, LabOptions, NodeStartOptions } from '../fabric.ts'
import { SimInternet } from './internet.ts'
import type { WaysIn } from './kept.ts'
import type * as SimNodeModule from './node.ts'
import { createSimSockets } from './sockets.ts'

/** A lab was asked for something after it was stopped. */
export class LabStoppedError extends FabricError {
  static override readonly name = 'LabStoppedError'
}

/** The plan has nodes of a program that does not run inside this process. */
export class ForeignProgramError extends FabricError {
  static override readonly name = 'ForeignProgramError'
}

/**
 * @throws FabricError for a plan whose networks, routers and addresses do not fit each other
 * @throws ForeignProgramError
 */
export function startSimLab(plan: Plan, options: LabOptions & { clock: Clock }): Lab {
  options.signal?.throwIfAborted()
  const foreign = nodesOf(plan).find((node) => !isOurs(node.program))
  if (foreign !== undefined) {
    throw new ForeignProgramError(
      `node ${foreign.name} runs ${foreign.program}, and the sim runs what kadlab brings along only: use --fabric docker`,
    )
  }
  return new SimLab(
    plan,
    new SimInternet(plan, { clock: options.clock, onPacket: options.onPacket }),
    options,
  )
}

class SimLab implements Lab {
  readonly id = randomBytes(4).toString('hex')
  readonly #seed: number
  readonly #clock: Clock
  readonly #internet: SimInternet
  readonly #onEvent: LabOptions['onEvent']
  /** Whether people are going to look into it. */
  readonly #isLookedInto: boolean
  readonly #nodes = new Map<string, { plan: NodePlan; node: SimNodeModule.SimNode }>()
  readonly #starting = new Set<Promise<SimNodeModule.SimNode>>()
  /** By node: what it keeps over a restart. */
  readonly #disks = new Map<string, SimNodeModule.NodeDisk>()
  /** The node's code and libp2p: loaded while the NAT proof runs, and not where no node does. */
  #program: Promise<typeof SimNodeModule> | null = null
  #isKept = false
  #waysIn: WaysIn | null = null
  #stopping: Promise<void> | null = null

  constructor(plan: Plan, internet: SimInternet, options: LabOptions & { clock: Clock }) {
    this.#clock = options.clock
    this.#seed = plan.seed
    this.#internet = internet
    this.#onEvent = options.onEvent
    this.#isLookedInto = options.keep === true
    // Whoever starts a node is told.
    if (nodesOf(plan).length > 0) this.#load().catch(() => undefined)
  }

  async startNode(node: NodePlan, { signal, when }: NodeStartOptions = {}): Promise<LabNode> {
    await when
    signal?.throwIfAborted()
    this.#checkRunning()
    const starting = this.#start(node, signal)
    this.#starting.add(starting)
    try {
      return await starting
    } finally {
      this.#starting.delete(starting)
    }
  }

  async startAgent(
    place: AgentPlace,
    { signal }: AbortOptions = {},
  ): Promise<ProbeAgent & AsyncDisposable> {
    signal?.throwIfAborted()
    this.#checkRunning()
    const host = this.#internet.addHost(place)
    const agent = createProbeAgent(createSimSockets(host), { clock: this.#clock })
    return {
      reflect: (ports, options) => agent.reflect(ports, options),
      open: (request, options) => agent.open(request, options),
      knock: (request, options) => agent.knock(request, options),
      reset: (options) => agent.reset(options),
      [Symbol.asyncDispose]: async () => {
        await agent[Symbol.asyncDispose]()
        this.#internet.removeHost(host)
      },
    }
  }

  async flushNat(router: string | null): Promise<void> {
    this.#checkRunning()
    const names = router === null ? this.#internet.routerNames : [router]
    for (const name of names) this.#internet.router(name).flush()
  }

  async changeRouter(router: RouterPlan): Promise<void> {
    this.#checkRunning()
    this.#internet.router(router.name).change(router)
  }

  async block(blocks: readonly Block[]): Promise<void> {
    this.#checkRunning()
    this.#internet.block(blocks)
  }

  async shape(network: string, link: LinkPlan): Promise<void> {
    this.#checkRunning()
    this.#internet.shape(network, link)
  }

  async routerState(router: string): Promise<Record<string, string>> {
    const { mappings, counters } = this.#internet.router(router).describe()
    return { 'mappings.txt': mappings, 'counters.json': counters }
  }

  async keep(): Promise<string> {
    this.#checkRunning()
    this.#isKept = true
    if (!this.#isLookedInto) return 'The lab lives in this process: it ends with it (Ctrl-C).'
    const { openWaysIn } = await import('./kept.ts')
    this.#waysIn ??= await openWaysIn(this.id, [...this.#nodes.values()])
    return this.#waysIn.text
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isKept) await this.stop()
  }

  async #start(plan: NodePlan, signal: AbortSignal | undefined): Promise<SimNodeModule.SimNode> {
    const { startSimNode } = await this.#load()
    signal?.throwIfAborted()
    this.#checkRunning()
    const node = await startSimNode(plan, {
      internet: this.#internet,
      seed: this.#seed,
      clock: this.#clock,
      disks: this.#disks,
      onEvent: this.#onEvent,
      onStopped: () => {
        if (this.#nodes.get(plan.name)?.node === node) this.#nodes.delete(plan.name)
      },
      signal,
    })
    this.#nodes.set(plan.name, { plan, node })
    return node
  }

  async #stop(): Promise<void> {
    await Promise.allSettled(this.#starting)
    await this.#waysIn?.[Symbol.asyncDispose]()
    const outcomes = await Promise.allSettled(this.#nodes.values().map(({ node }) => node.stop()))
    this.#internet.stop()
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason] : [],
    )
    if (failures.length > 0) throw new AggregateError(failures, 'some nodes did not stop well')
  }

  #load(): Promise<typeof SimNodeModule> {
    this.#program ??= holdTime(import('./node.ts'))
    return this.#program
  }

  #checkRunning(): void {
    if (this.#stopping === null) return
    throw new LabStoppedError(`lab ${this.id} was stopped: start another one`)
  }
}

function nodesOf(plan: Plan): NodePlan[] {
  return plan.variants.flatMap((variant) => variant.nodes)
}
