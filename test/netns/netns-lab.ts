import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before } from 'node:test'
import { promisify } from 'node:util'
import type { AgentPlace } from '#orchestrator/fabric/fabric.ts'
import type { Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { networkNamed, prefixLengthOf } from '#orchestrator/plan/router-addresses.ts'
import { createAgentClient } from '#orchestrator/probe/agent-client.ts'
import type { ProbeAgent } from '#orchestrator/probe/probe-agent.ts'
import { routerSysctls } from '#orchestrator/router/conntrack.ts'
import { flushCommands, routerScript } from '#orchestrator/router/router-script.ts'

const execute = promisify(execFile)
const AGENT = new URL('../../orchestrator/probe/agent-main.ts', import.meta.url).pathname
const COMPILE_CACHE = join(tmpdir(), 'kadlab-compile-cache')

/** Runs a command in a namespace and returns what it printed. */
async function run(command: string, args: string[]): Promise<string> {
  return (await execute(command, args)).stdout
}

/**
 * A plan's networks and routers as network namespaces of this machine, with the scripts and rulesets that containers get.
 * No namespace has a way out: what is sent in it stays in it.
 */
export class NetnsLab implements AsyncDisposable {
  readonly #plan: Plan
  readonly #prefix: string
  readonly #directory: string
  readonly #namespaces = new Set<string>()
  readonly #agents = new Map<string, ProbeAgent & AsyncDisposable>()
  readonly #processes = new AsyncDisposableStack()
  #interfaces = 0

  private constructor(plan: Plan, directory: string) {
    this.#plan = plan
    this.#directory = directory
    this.#prefix = basename(directory)
  }

  static async start(plan: Plan): Promise<NetnsLab> {
    const lab = new NetnsLab(plan, await mkdtemp(join(tmpdir(), 'kadlab-')))
    try {
      await lab.#build()
    } catch (error) {
      await lab[Symbol.asyncDispose]()
      throw error
    }
    return lab
  }

  /** An agent on a network; asked again for the same place, the same agent, reset. */
  async startAgent(place: AgentPlace): Promise<ProbeAgent & AsyncDisposable> {
    const known = this.#agents.get(place.name)
    if (known !== undefined) return known
    const namespace = await this.#addNamespace(place.name)
    await this.#attach(namespace, place.network, place.address)
    if (place.gateway !== null) {
      await run('ip', ['-n', namespace, 'route', 'add', 'default', 'via', place.gateway])
    }
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, AGENT], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // Many agents start at once; what they compile they share.
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    })
    const client = createAgentClient(child.stdout, child.stdin)
    const exited = once(child, 'exit')
    const agent: ProbeAgent & AsyncDisposable = {
      reflect: (...args) => client.reflect(...args),
      open: (...args) => client.open(...args),
      knock: (...args) => client.knock(...args),
      reset: (...args) => client.reset(...args),
      // Kept for the next proof; the process ends with the lab.
      [Symbol.asyncDispose]: () => client.reset(),
    }
    this.#agents.set(place.name, agent)
    this.#processes.defer(async () => {
      await client[Symbol.asyncDispose]()
      child.stdin.end()
      await exited
    })
    return agent
  }

  /** Makes the router do as another's configuration says, at its own addresses. */
  async load(router: RouterPlan): Promise<void> {
    const script = routerScript(router, this.#plan.networks, this.#rulesetOf(router.name))
    await this.exec(router.name, ['sh', '-c', script])
    await this.flush(router.name)
  }

  /** Makes a router forget its mappings. */
  async flush(router: string): Promise<void> {
    for (const command of flushCommands(this.#rulesetOf(router))) await this.exec(router, command)
  }

  /** Namespaces share the file system, unlike containers. */
  #rulesetOf(router: string): { rulesetFile: string } {
    return { rulesetFile: join(this.#directory, `${router}.nft`) }
  }

  /** Runs a command on a router or an agent's host. */
  async exec(host: string, command: string[]): Promise<string> {
    return run('ip', ['netns', 'exec', this.#nameOf(host), ...command])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#processes.disposeAsync()
    for (const namespace of this.#namespaces) await run('ip', ['netns', 'del', namespace])
    this.#namespaces.clear()
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #build(): Promise<void> {
    const hub = await this.#addNamespace('hub')
    for (const index of this.#plan.networks.keys()) {
      await run('ip', ['-n', hub, 'link', 'add', `br${index}`, 'up', 'type', 'bridge'])
    }
    await Promise.all(this.#plan.routers.map((router) => this.#addRouter(router)))
  }

  async #addRouter(router: RouterPlan): Promise<void> {
    const namespace = await this.#addNamespace(router.name)
    const sysctls = Object.entries(routerSysctls(router.nat.timeouts))
    await this.exec(router.name, ['sysctl', '-qw', ...sysctls.map((pair) => pair.join('='))])
    await this.#attach(namespace, router.lan.network, router.lan.ownAddress)
    await this.#attach(namespace, router.wan.network, router.wan.address)
    await this.load(router)
  }

  async #addNamespace(host: string): Promise<string> {
    const namespace = this.#nameOf(host)
    await run('ip', ['netns', 'add', namespace])
    this.#namespaces.add(namespace)
    await run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up'])
    return namespace
  }

  /** Plugs a namespace into a network, as an interface with that address. */
  async #attach(namespace: string, network: string, address: string): Promise<void> {
    this.#interfaces += 1
    const name = `net${this.#interfaces}`
    const bridge = `br${this.#plan.networks.indexOf(networkNamed(network, this.#plan.networks))}`
    const prefix = prefixLengthOf(network, this.#plan.networks)
    const hub = this.#nameOf('hub')
    const peer = ['peer', 'name', name, 'netns', hub]
    await run('ip', ['-n', namespace, 'link', 'add', name, 'up', 'type', 'veth', ...peer])
    await run('ip', ['-n', hub, 'link', 'set', name, 'master', bridge, 'up'])
    await run('ip', ['-n', namespace, 'addr', 'add', `${address}/${prefix}`, 'dev', name])
  }

  #nameOf(host: string): string {
    return `${this.#prefix}-${host}`
  }
}

/** A lab for the tests of the suite in which it is called. */
export function useNetnsLab(plan: Plan): () => NetnsLab {
  let lab: NetnsLab | undefined
  before(async () => {
    lab = await NetnsLab.start(plan)
  })
  after(async () => {
    await lab?.[Symbol.asyncDispose]()
  })
  return () => lab as NetnsLab
}
