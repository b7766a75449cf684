import { setMaxListeners } from 'node:events'
import { text } from 'node:stream/consumers'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { eitherSignal } from '#node/time/deadline.ts'
import { untilAborted } from '#node/time/until-aborted.ts'
import type {
  AgentPlace,
  Lab,
  LabNode,
  LabOptions,
  NodeStartOptions,
} from '#orchestrator/fabric/fabric.ts'
import type { Block } from '#orchestrator/net/block.ts'
import type { NodePlan, Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { createAgentClient } from '#orchestrator/probe/agent-client.ts'
import type { ProbeAgent } from '#orchestrator/probe/probe-agent.ts'
import { changeScript, flushCommands, stateCommands } from '#orchestrator/router/router-script.ts'
import { FABRIC_SKILLS } from '#orchestrator/scenario/fabrics.ts'
import { isOurs } from '#orchestrator/scenario/programs.ts'
import { FabricError, noSuchRouter } from '../errors.ts'
import { blockRuleset } from '../nft-blocks.ts'
import { GATE, type ProcessNode, runNode } from '../running-node.ts'
import { unshapedLinks } from '../unshaped-links.ts'
import { Hosts } from './hosts.ts'
import { commandScript, keptEnvironment, waysIn } from './kept.ts'
import { NamespaceProcess } from './namespace-process.ts'
import { LAB_FOLDER, Namespaces } from './namespaces.ts'
import { Cables, networksScript, routerHostScript, rulesetFileOf } from './network-script.ts'
import type { LabPrograms } from './programs.ts'

export interface LabStart extends LabOptions {
  plan: Plan
  id: string
  /** Networks need none, so they are made meanwhile. */
  programs: Promise<LabPrograms>
}

/** Makes a plan's networks and routers; leaves nothing where it cannot. */
export async function startNetnsLab(start: LabStart): Promise<NetnsLab> {
  const { plan, signal, onEvent } = start
  // It is waited for below, or by nobody.
  start.programs.catch(() => {})
  for (const text of unshapedLinks(plan, 'netns')) onEvent({ type: 'progress', text })
  const namespaces = await Namespaces.start(signal === undefined ? {} : { signal })
  try {
    const cables = new Cables()
    const { networks, routers } = plan
    await namespaces.runScript('making the networks', networksScript(networks))
    await Promise.all(
      routers.map((router) =>
        namespaces.runScript(`making ${router.name}`, routerHostScript(router, networks, cables)),
      ),
    )
    signal?.throwIfAborted()
    const hosts = new Hosts(namespaces, plan.networks, cables)
    return new NetnsLab(start, namespaces, hosts, await untilAborted(signal, start.programs))
  } catch (error) {
    await namespaces[Symbol.asyncDispose]()
    throw error
  }
}

/** A lab in namespaces. Beside what every lab can, it runs commands on its hosts and kadlab's own at a place of its networks. */
export class NetnsLab implements Lab {
  readonly id: string
  readonly #start: LabStart
  readonly #namespaces: Namespaces
  readonly #hosts: Hosts
  readonly #programs: LabPrograms
  readonly #nodes = new Set<ProcessNode>()
  readonly #ending = new AbortController()
  /** Nodes that have a host. */
  readonly #hosting = new Set<string>()
  /** Routers that are not as the plan has them. */
  readonly #changed = new Map<string, RouterPlan>()
  #blocks: readonly Block[] = []
  #kept = false
  #removal: Promise<void> | null = null

  constructor(start: LabStart, namespaces: Namespaces, hosts: Hosts, programs: LabPrograms) {
    this.id = start.id
    this.#start = start
    this.#namespaces = namespaces
    this.#hosts = hosts
    this.#programs = programs
    setMaxListeners(0, this.#ending.signal)
  }

  async startNode(node: NodePlan, options: NodeStartOptions = {}): Promise<LabNode> {
    const program = this.#programs.nodes.get(node.program)
    if (program === undefined) {
      throw new FabricError(`\`${node.name}\` runs \`${node.program}\`, which is not in the plan.`)
    }
    const signal = this.#whileOpen(options.signal)
    const { onEvent, plan, keep = false } = this.#start
    const isAsked = keep && isOurs(node.program)
    if (isAsked) {
      const script = commandScript(node, plan, this.#programs.kadlab)
      await this.#namespaces.runScript(`naming ${node.name}`, script)
    }
    const host = this.#standing(node.name, await this.#hosts.add(node.name, node))
    if (this.#blocks.length > 0) await this.#blockAt(node.name)
    const child = this.#namespaces.spawn({
      words: options.when === undefined ? program.words : [...GATE, ...program.words],
      host: node.name,
      env: withDataFolder(node, {
        ...program.environment(node),
        ...(isAsked ? keptEnvironment(node, plan) : {}),
      }),
    })
    const running = new NamespaceProcess(node.name, child, host, (line) =>
      onEvent({ type: 'node-log', node: node.name, line }),
    )
    const started = await runNode({
      name: node.name,
      process: running,
      api: program.connect(running.output, running.input),
      onEvent,
      signal,
      when: options.when,
    })
    this.#nodes.add(started)
    return started
  }

  async startAgent(
    place: AgentPlace,
    options: AbortOptions = {},
  ): Promise<ProbeAgent & AsyncDisposable> {
    this.#whileOpen(options.signal)
    const host = await this.#hosts.add(place.name, place)
    const child = this.#namespaces.spawn({
      words: this.#programs.agent,
      host: place.name,
    })
    const running = new NamespaceProcess(place.name, child, host)
    const client = createAgentClient(running.output, running.input)
    return {
      reflect: (ports, call) => client.reflect(ports, call),
      open: (request, call) => client.open(request, call),
      knock: (request, call) => client.knock(request, call),
      reset: (call) => client.reset(call),
      [Symbol.asyncDispose]: async () => {
        await client[Symbol.asyncDispose]()
        await running.remove()
      },
    }
  }

  /**
   * Runs kadlab's program with other words than those of a node (`doctor …`) at an address that is free, to its end.
   *
   * @returns its exit status, null where it was killed, and what it printed
   */
  async runAt(
    place: AgentPlace,
    words: readonly string[],
    options: AbortOptions = {},
  ): Promise<{ status: number | null; printed: string }> {
    const signal = this.#whileOpen(options.signal)
    const host = await this.#hosts.add(place.name, place)
    const child = this.#namespaces.spawn({
      words: [...this.#programs.kadlab, ...words],
      host: place.name,
    })
    const running = new NamespaceProcess(place.name, child, host)
    running.input.end()
    const printed = text(running.output)
    try {
      const { exitCode } = await untilAborted(signal, running.exit)
      return { status: exitCode, printed: await printed }
    } catch (error) {
      await running.remove()
      throw error
    }
  }

  /** Runs a command on a host of the lab, to its end; returns what it printed. @throws NamespaceCommandError */
  exec(host: string, words: readonly string[]): Promise<string> {
    return this.#namespaces.run(`${words[0]} on ${host}`, { words, host })
  }

  async flushNat(router: string | null, { signal }: AbortOptions = {}): Promise<void> {
    const routers = router === null ? this.#start.plan.routers : [this.#routerNamed(router)]
    signal?.throwIfAborted()
    await Promise.all(
      routers.map(async ({ name }) => {
        for (const words of flushCommands({ rulesetFile: rulesetFileOf(name) })) {
          await this.exec(name, words)
        }
      }),
    )
  }

  async changeRouter(router: RouterPlan, { signal }: AbortOptions = {}): Promise<void> {
    const { name } = router
    const before = this.#routerNamed(name)
    signal?.throwIfAborted()
    const rulesetFile = rulesetFileOf(name)
    const script = changeScript(before, router, this.#start.plan.networks, { rulesetFile })
    await this.exec(name, ['sh', '-c', script])
    this.#changed.set(name, router)
  }

  async block(blocks: readonly Block[], { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    // Marks are given anew: every node that runs learns its own.
    this.#blocks = blocks
    await Promise.all([...this.#hosting].map((node) => this.#blockAt(node)))
  }

  /** A node's host, known as long as it is there. */
  #standing(node: string, host: AsyncDisposable): AsyncDisposable {
    this.#hosting.add(node)
    return {
      [Symbol.asyncDispose]: async () => {
        this.#hosting.delete(node)
        await host[Symbol.asyncDispose]()
      },
    }
  }

  async #blockAt(node: string): Promise<void> {
    const what = `blocking at ${node}`
    await this.#namespaces.run(
      what,
      { words: ['nft', '-f', '-'], host: node },
      blockRuleset(node, this.#blocks),
    )
  }

  /** @throws FabricError always: shaping takes a kernel module that not every machine has */
  shape(): Promise<void> {
    return Promise.reject(new FabricError(`netns cannot ${FABRIC_SKILLS.shapes}.`))
  }

  async routerState(
    router: string,
    { signal }: AbortOptions = {},
  ): Promise<Record<string, string>> {
    const { name } = this.#routerNamed(router)
    signal?.throwIfAborted()
    const files = await Promise.all(
      Object.entries(stateCommands()).map(async ([file, words]) => [
        `${name}.${file}`,
        await this.exec(name, words),
      ]),
    )
    return Object.fromEntries(files) as Record<string, string>
  }

  async keep({ signal }: AbortOptions = {}): Promise<string> {
    signal?.throwIfAborted()
    this.#kept = true
    const nodes = this.#start.keep === true ? [...this.#nodes].map(({ name }) => name) : []
    const routers = this.#start.plan.routers.map(({ name }) => name)
    return waysIn(this.#namespaces, { nodes, routers })
  }

  stop(): Promise<void> {
    this.#removal ??= this.#remove()
    return this.#removal
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#kept) await this.stop()
  }

  async #remove(): Promise<void> {
    this.#ending.abort(new FabricError('The lab was stopped.'))
    await Promise.all([...this.#nodes].map((node) => node.detach()))
    await this.#namespaces[Symbol.asyncDispose]()
  }

  #whileOpen(signal: AbortSignal | undefined): AbortSignal {
    const combined = eitherSignal(signal, this.#ending.signal)
    combined.throwIfAborted()
    return combined
  }

  #routerNamed(name: string): RouterPlan {
    const router =
      this.#changed.get(name) ?? this.#start.plan.routers.find((each) => each.name === name)
    if (router !== undefined) return router
    throw noSuchRouter(
      name,
      this.#start.plan.routers.map((each) => each.name),
    )
  }
}

/** What a node stores is in the lab's own folder, and there again when it is started again. */
function withDataFolder(
  { name }: NodePlan,
  environment: Record<string, string>,
): Record<string, string> {
  if (environment['DATA_DIR'] === undefined) return environment
  return { ...environment, DATA_DIR: `${LAB_FOLDER}/${name}-data` }
}
