import { after, before } from 'node:test'
import type { AgentPlace } from '#orchestrator/fabric/fabric.ts'
import { type NetnsLab as Lab, startNetnsLab } from '#orchestrator/fabric/netns/lab.ts'
import { labPrograms } from '#orchestrator/fabric/netns/programs.ts'
import type { Plan, RouterPlan } from '#orchestrator/plan/plan-type.ts'
import type { ProbeAgent } from '#orchestrator/probe/probe-agent.ts'

/** A lab in namespaces for the tests of a suite, which keeps its agents from one proof to the next. */
export class NetnsLab implements AsyncDisposable {
  readonly #lab: Lab
  readonly #agents = new Map<string, ProbeAgent & AsyncDisposable>()

  private constructor(lab: Lab) {
    this.#lab = lab
  }

  static async start(plan: Plan): Promise<NetnsLab> {
    const programs = labPrograms(plan, { onProgress: () => {} })
    return new NetnsLab(await startNetnsLab({ plan, id: 'test', programs, onEvent: () => {} }))
  }

  /** An agent on a network; asked again for the same place, the same agent, reset. */
  async startAgent(place: AgentPlace): Promise<ProbeAgent & AsyncDisposable> {
    const known = this.#agents.get(place.name)
    if (known !== undefined) return known
    const agent = await this.#lab.startAgent(place)
    // Kept for the next proof; the process ends with the lab.
    const kept = { ...agent, [Symbol.asyncDispose]: () => agent.reset() }
    this.#agents.set(place.name, kept)
    return kept
  }

  /** Makes the router do as another's configuration says, at its own addresses. */
  async load(router: RouterPlan): Promise<void> {
    await this.#lab.changeRouter(router)
    await this.flush(router.name)
  }

  /** Makes a router forget its mappings. */
  async flush(router: string): Promise<void> {
    await this.#lab.flushNat(router)
  }

  /** Runs a command on a router or an agent's host. */
  async exec(host: string, words: string[]): Promise<string> {
    return this.#lab.exec(host, words)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lab.stop()
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
