import { setMaxListeners } from 'node:events'
import type { AbortOptions } from '#node/base/abort-options.ts'
import { asTyped } from '#node/base/typed.ts'
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
import { companyOf } from '#orchestrator/plan/peer-names.ts'
import type { NodePlan, Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'
import type { ProbeAgent } from '#orchestrator/probe/probe-agent.ts'
import { FABRIC_SKILLS, fabricFacts } from '#orchestrator/scenario/fabrics.ts'
import { FabricError, noSuchRouter } from '../errors.ts'
import { noteLabGone, noteLabUp } from '../labs-up.ts'
import { unshapedLinks } from '../unshaped-links.ts'
import { type DockerAgent, startDockerAgent } from './agents.ts'
import { Blocking } from './blocking.ts'
import type { LabGround } from './ground.ts'
import { engineName, labelsOf, type LabIdentity } from './labels.ts'
import { type DockerNode, startDockerNode } from './nodes.ts'
import type { NodeProgram } from './program.ts'
import { type DockerRouter, startRouter } from './routers.ts'

/** Image tags that a lab runs, all of them at the engine. */
export interface LabImages {
  router: string
  agent: string
  /** By program. */
  programs: ReadonlyMap<string, { program: NodeProgram; image: string }>
}

export interface LabStart extends LabOptions {
  ground: LabGround
  plan: Plan
  identity: LabIdentity
  /** Networks need none, so they are made meanwhile. */
  images: Promise<LabImages>
}

/** Builds a plan's networks and routers; leaves nothing where it cannot. */
export async function startDockerLab(start: LabStart): Promise<Lab> {
  const { ground, plan, identity, signal } = start
  noteLabUp(identity.id)
  // Until it is stopped, or kept: then the end of a router is nobody's news.
  let open = true
  const close = (): void => {
    open = false
    ground.close()
  }
  try {
    for (const text of unshapedLinks(plan, ground.fabric)) start.onEvent({ type: 'progress', text })
    await settled<unknown>([start.images, ...ground.makeNetworks()])
    const images = await start.images
    signal?.throwIfAborted()
    const routers = await settled(
      plan.routers.map((router) =>
        startRouter(ground.engineOf(insideOf(router)), {
          router,
          plan,
          lab: identity,
          image: images.router,
          onLogLine: (line) => start.onEvent({ type: 'node-log', node: router.name, line }),
          onExit: ({ exitCode, lastLines }) => {
            if (open)
              start.onEvent({ type: 'router-exit', router: router.name, exitCode, lastLines })
          },
          signal,
        }),
      ),
    )
    signal?.throwIfAborted()
    const confined = ground.confine(images.router, routers, { signal })
    // Whoever starts something on the lab waits for it.
    confined.catch(() => {})
    return new DockerLab({ ...start, close }, images, routers, confined)
  } catch (error) {
    close()
    try {
      await ground.remove()
    } catch (removal) {
      throw new SuppressedError(removal, error, 'the lab could not be started, nor removed')
    }
    noteLabGone(identity.id)
    throw error
  }
}

/** A router stands where its inside does. */
function insideOf({ lan }: Plan['routers'][number]): { network: string; address: string } {
  return { network: lan.network, address: lan.ownAddress }
}

/** Waits for all, so that none is still at work when the first failure is told. */
async function settled<T>(tasks: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(tasks)
  return Promise.all(tasks)
}

class DockerLab implements Lab {
  readonly #start: LabStart & { close: () => void }
  readonly #images: LabImages
  readonly #routers: readonly DockerRouter[]
  /** Rejects where the lab's networks have a way out. */
  readonly #confined: Promise<unknown>
  readonly #nodes = new Set<DockerNode>()
  readonly #agents = new Set<DockerAgent>()
  /** Agents that leave, by their address: resolves once a node may take it. */
  readonly #leaving = new Map<string, Promise<void>>()
  /** Their removals. */
  readonly #removing = new Set<Promise<void>>()
  /** Of these, of those that stand where a node will. */
  readonly #makingWay = new Set<Promise<void>>()
  /** What is being started: it has to be there, or have failed, before everything can be removed. */
  readonly #starting = new Set<Promise<unknown>>()
  readonly #ending = new AbortController()
  readonly #blocking: Blocking
  readonly startAhead: Lab['startAhead']
  #kept = false
  #removal: Promise<void> | null = null

  constructor(
    start: LabStart & { close: () => void },
    images: LabImages,
    routers: readonly DockerRouter[],
    confined: Promise<unknown>,
  ) {
    this.#confined = confined
    this.#start = start
    this.#images = images
    this.#routers = routers
    this.#blocking = new Blocking(start.identity, images.router)
    setMaxListeners(0, this.#ending.signal)
    if (start.ground.sharesPlaces) {
      this.startAhead = (node, options) => this.#startNode(node, options, true)
    }
  }

  get id(): string {
    return this.#start.identity.id
  }

  startNode(node: NodePlan, options: NodeStartOptions = {}): Promise<LabNode> {
    return this.#startNode(node, options, false)
  }

  async #startNode(node: NodePlan, options: NodeStartOptions, ahead: boolean): Promise<LabNode> {
    const { ground, identity, plan, onEvent, keep = false } = this.#start
    const known = this.#images.programs.get(node.program)
    if (known === undefined) {
      throw new FabricError(`\`${node.name}\` runs \`${node.program}\`, which is not in the plan.`)
    }
    const company = keep ? companyOf(node, plan) : null
    const { when: then } = options
    const free = (): Promise<void> | undefined => this.#leaving.get(node.address)
    // Who is ahead shares the place until it begins.
    const when = ahead ? then?.then(free) : then
    const started = await this.#whileOpen(options, async (signal) => {
      if (!ahead) await free()
      const parts = {
        engine: ground.engineOf(node),
        owner: await ground.standAt(node, { signal }),
        lab: identity,
        node,
        ...known,
        company,
        blocking: this.#blocking,
      }
      return startDockerNode({ ...parts, onEvent, signal, when, ahead })
    })
    this.#nodes.add(started)
    return started
  }

  async startAgent(
    place: AgentPlace,
    options: AbortOptions = {},
  ): Promise<ProbeAgent & AsyncDisposable> {
    const { ground, identity } = this.#start
    const agent = await this.#whileOpen(options, async (signal) => {
      await this.#leaving.get(place.address)
      return startDockerAgent(place, {
        engine: ground.engineOf(place),
        owner: await ground.standAt(place, { signal }),
        lab: identity,
        images: this.#images,
        routers: this.#routers,
        agents: this.#agents,
      })
    })
    return { ...agent, [Symbol.asyncDispose]: async () => this.#leave(agent) }
  }

  /** Removes an agent; nobody waits for that but who takes its place. */
  #leave(agent: DockerAgent): void {
    const { address } = agent.place
    const isInTheWay = this.#start.plan.variants.some(({ nodes }) =>
      nodes.some((node) => node.address === address),
    )
    const remove = async (): Promise<void> => {
      // The engine does one thing after the other: those that nobody waits for come last. By then all that leave at
      // the same time have said so.
      await Promise.resolve()
      if (!isInTheWay) await Promise.allSettled(this.#makingWay)
      await agent[Symbol.asyncDispose]()
    }
    const free = (): void => void this.#leaving.delete(address)
    // Who shares the place needs no more than its ports.
    const reset =
      isInTheWay && this.#start.ground.sharesPlaces
        ? untilAborted(this.#ending.signal, agent.reset()).catch(() => {})
        : null
    const gone = (reset ?? Promise.resolve()).then(remove).finally(() => {
      this.#makingWay.delete(gone)
      this.#removing.delete(gone)
    })
    gone.catch(() => {})
    this.#removing.add(gone)
    this.#leaving.set(address, (reset ?? gone).then(free, free))
    if (isInTheWay) this.#makingWay.add(gone)
  }

  async flushNat(router: string | null, { signal }: AbortOptions = {}): Promise<void> {
    const chosen = router === null ? this.#routers : [this.#routerNamed(router)]
    signal?.throwIfAborted()
    await untilAborted(signal, settled(chosen.map((each) => each.flush())))
  }

  async changeRouter(router: RouterPlan, { signal }: AbortOptions = {}): Promise<void> {
    const chosen = this.#routerNamed(router.name)
    signal?.throwIfAborted()
    await untilAborted(signal, chosen.change(router))
  }

  async block(blocks: readonly Block[], { signal }: AbortOptions = {}): Promise<void> {
    const { fabric } = this.#start.ground
    if (blocks.length > 0 && !fabricFacts(fabric).blocks) {
      throw new FabricError(`${fabric} cannot ${FABRIC_SKILLS.blocks}.`)
    }
    await this.#whileOpen({ signal }, (open) => this.#blocking.set(blocks, { signal: open }))
  }

  /** @throws FabricError always: shaping takes a kernel module that not every machine has */
  shape(): Promise<void> {
    return Promise.reject(
      new FabricError(`${this.#start.ground.fabric} cannot ${FABRIC_SKILLS.shapes}.`),
    )
  }

  async routerState(
    router: string,
    { signal }: AbortOptions = {},
  ): Promise<Record<string, string>> {
    const chosen = this.#routerNamed(router)
    signal?.throwIfAborted()
    return untilAborted(signal, chosen.state())
  }

  async keep({ signal }: AbortOptions = {}): Promise<string> {
    signal?.throwIfAborted()
    const { ground, identity, plan } = this.#start
    // Labels of what runs cannot be changed any more, so a volume that holds nothing says it.
    await ground.manager.docker.createVolume({
      Name: engineName(identity, 'kept'),
      Labels: labelsOf(identity, 'kept', 'kept'),
    })
    await Promise.allSettled(this.#removing)
    this.#kept = true
    noteLabGone(identity.id)
    const placeOf = (name: string): { network: string; address: string } => {
      const router = this.#routers.find((each) => each.plan.name === name)
      if (router !== undefined) return insideOf(router.plan)
      const placed = plan.variants.flatMap(({ nodes }) => nodes).find((node) => node.name === name)
      return placed ?? { network: '', address: '' }
    }
    const docker = (name: string): string => `  docker ${ground.commandOptions(placeOf(name))}`
    const exec = (name: string, command: string): string =>
      `${docker(name)}exec -it ${engineName(identity, name)} ${command}`
    const nodes = [...this.#nodes]
    const looking = this.#start.keep === true ? nodes : []
    return [
      `The lab ${identity.id} stays up. To look into it:`,
      ...looking.flatMap(({ name, commands }) => commands.map((command) => exec(name, command))),
      ...nodes.map(({ name }) => `${docker(name)}logs ${engineName(identity, name)}`),
      ...this.#routers.map(({ plan }) => exec(plan.name, 'nft list ruleset')),
      'To end it:',
      `  ${asTyped(process.env, 'clean', { options: '--kept' })}`,
    ].join('\n')
  }

  stop(): Promise<void> {
    this.#removal ??= this.#remove()
    return this.#removal
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#kept || this.#removal !== null) return this.stop()
    this.#start.close()
    for (const node of this.#nodes) node.unref()
    for (const agent of this.#agents) agent.unref()
    for (const { container } of this.#routers) container.unref()
  }

  async #remove(): Promise<void> {
    await this.#letGo()
    await this.#start.ground.remove()
    noteLabGone(this.id)
  }

  /** Ends whatever is being started, and lets go of everything that runs. */
  async #letGo(): Promise<void> {
    this.#start.close()
    this.#ending.abort(new FabricError('The lab was stopped.'))
    await Promise.allSettled([...this.#starting, ...this.#removing])
    await Promise.all([...this.#nodes].map((node) => node.detach()))
    for (const agent of this.#agents) agent.detach()
    for (const { container } of this.#routers) container.detach()
  }

  async #whileOpen<T>(
    { signal }: AbortOptions,
    begin: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const combined = eitherSignal(signal, this.#ending.signal)
    combined.throwIfAborted()
    const task = this.#begun(begin(combined))
    this.#starting.add(task)
    try {
      return await task
    } finally {
      this.#starting.delete(task)
    }
  }

  /** Both to their ends: what was begun must not go on behind the failure of the other. */
  async #begun<T>(begun: Promise<T>): Promise<T> {
    await Promise.allSettled([begun, this.#confined])
    await this.#confined
    return begun
  }

  #routerNamed(name: string): DockerRouter {
    const router = this.#routers.find(({ plan }) => plan.name === name)
    if (router !== undefined) return router
    throw noSuchRouter(
      name,
      this.#routers.map(({ plan }) => plan.name),
    )
  }
}
