import { MemoryDatastore } from 'datastore-core/memory'
import type { NodeApi } from '#node/api/node-api.ts'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { createLog } from '#node/base/log.ts'
import { parseConfig } from '#node/config/config.ts'
import { createNode } from '#node/node.ts'
import { createStockNode, type StockNode } from '#node/stock/stock-node.ts'
import type { Clock } from '#node/time/clock.ts'
import type { NodePlan } from '#orchestrator/plan/plan-type.ts'
import { holdTime } from '#orchestrator/time/timeline.ts'
import type { FabricEvent, LabNode } from '../fabric.ts'
import type { SimHost } from './host.ts'
import type { SimInternet } from './internet.ts'
import { askedThrough, SimProcess } from './process.ts'
import { createRandom } from './random.ts'
import { simTransport } from './transport.ts'

/** What a node wrote to its DATA_DIR. */
export type NodeDisk = MemoryDatastore

export interface SimNodeContext extends AbortOptions {
  internet: SimInternet
  seed: number
  clock: Clock
  /** By node: what is there again after a restart. */
  disks: Map<string, NodeDisk>
  onEvent: (event: FabricEvent) => void
  onStopped: () => void
}

/** A node of the lab, in this process. */
export type SimNode = LabNode

/**
 * Runs the code of `node/` on a host of the simulated internet; resolves when it listens.
 *
 * Its environment is the plan's alone. It has no faces (standard input and output, HTTP, metrics): they are for other
 * processes. DATA_DIR is a memory of the lab, not a folder; SWARM_KEY_FILE is a file of this machine.
 *
 * @throws ConfigError for an environment that makes no node, and what `createNode` and `start` throw
 */
export async function startSimNode(plan: NodePlan, context: SimNodeContext): Promise<SimNode> {
  const { internet, signal, onEvent } = context
  const startedAtMs = performance.now()
  const config = parseConfig(plan.env)
  const lines: string[] = []
  const voice: Voice = { isHeard: true }
  const create: Create = plan.program === 'stock-js' ? createStockNode : createNode
  const random = createRandom(context.seed, `node ${plan.name}`)
  const process = new SimProcess(context.clock, plan.clockErrorMs)
  const host = internet.addHost(plan, process)
  const say = (event: FabricEvent): void =>
    process.run(() => {
      if (voice.isHeard) onEvent(event)
    })
  try {
    const made = process.ask(() =>
      create(config, {
        log: createLog({
          level: config.logLevel,
          format: config.logFormat ?? 'json',
          write: (text) => {
            if (!voice.isHeard) return
            const line = text.trimEnd()
            lines.push(line)
            say({ type: 'node-log', node: plan.name, line })
          },
        }),
        clock: process.clock,
        transport: simTransport(host),
        random: () => random.fraction(),
        ...(config.dataDir === null ? {} : { datastore: diskOf(plan, context) }),
      }),
    )
    // A swarm key is a file of this machine.
    const node = await (config.swarmKeyFile === null ? made : holdTime(made))
    const told = tellEvents(plan.name, node.api, say)
    try {
      await process.ask(() => node.start())
      signal?.throwIfAborted()
    } catch (error) {
      await node.stop()
      await told
      throw error
    }
    return new RunningNode({ plan, node, host, context, lines, voice, told, startedAtMs, process })
  } catch (error) {
    internet.removeHost(host)
    throw error
  }
}

/** Both make what starts, stops and is asked. */
type Create = (...parts: Parameters<typeof createNode>) => Promise<StockNode>

/** Whether what a node says is heard: one that was killed is silent, whatever its code in this process still does. */
interface Voice {
  isHeard: boolean
}

class RunningNode implements LabNode {
  readonly name: string
  readonly api: NodeApi
  readonly startedAtMs: number
  readonly listeningAtMs = performance.now()
  readonly #node: StockNode
  readonly #host: SimHost
  readonly #process: SimProcess
  readonly #context: SimNodeContext
  readonly #lines: string[]
  readonly #voice: Voice
  readonly #told: Promise<void>
  #stopping: Promise<void> | null = null

  constructor(init: {
    plan: NodePlan
    node: StockNode
    host: SimHost
    process: SimProcess
    context: SimNodeContext
    lines: string[]
    voice: Voice
    told: Promise<void>
    startedAtMs: number
  }) {
    this.name = init.plan.name
    this.api = askedThrough(init.process, init.node.api)
    this.startedAtMs = init.startedAtMs
    this.#node = init.node
    this.#host = init.host
    this.#process = init.process
    this.#context = init.context
    this.#lines = init.lines
    this.#voice = init.voice
    this.#told = init.told
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  kill(): Promise<void> {
    // Its connections end as the kernel ends those of a process that is gone; what it does then reaches nobody.
    this.#voice.isHeard = false
    this.#context.internet.removeHost(this.#host)
    return this.stop()
  }

  async pause(): Promise<void> {
    this.#process.pause()
  }

  async resume(): Promise<void> {
    this.#process.resume()
  }

  log(): string {
    return this.#lines.map((line) => `${line}\n`).join('')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #stop(): Promise<void> {
    try {
      this.#process.resume()
      await this.#process.ask(() => this.#node.stop())
      await this.#told
    } finally {
      this.#context.internet.removeHost(this.#host)
      this.#context.onStopped()
    }
  }
}

function diskOf(plan: NodePlan, { disks }: SimNodeContext): NodeDisk {
  const known = disks.get(plan.name)
  if (known !== undefined) return known
  const disk = new MemoryDatastore()
  disks.set(plan.name, disk)
  return disk
}

/** Hands on everything that a node tells; resolves when it has told its last. */
async function tellEvents(
  name: string,
  api: NodeApi,
  onEvent: SimNodeContext['onEvent'],
): Promise<void> {
  for await (const event of api.events({ since: 0 })) {
    onEvent({ type: 'node-event', node: name, event })
  }
}
