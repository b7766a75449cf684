import type { NodeApi } from '#node/api/node-api.ts'
import type { Clock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import type { Lab, LabNode } from '#orchestrator/fabric/fabric.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'

/** How often a record is given on: short, so that a soak's faults may follow one another. */
export const REPUBLISH_MS = 30_000

/** A cluster of nodes with public addresses, the first of which the others join through. */
export function planCluster(nodes: number, seed: number): Plan {
  const names = namesOf(nodes)
  const env = `{ REPUBLISH_INTERVAL_MS: '${REPUBLISH_MS}', KAD_QUERY_TIMEOUT_MS: '5000', KAD_REQUEST_TIMEOUT_MS: '1000', LOG_LEVEL: silent }`
  const lines = names.map((name, index) => {
    const others = names.filter((_, other) => other !== index && other < 3)
    return `  ${name}: { site: open, bootstrap: [${others.join(', ')}], env: ${env} }`
  })
  const text = `name: soak
title: the store under faults
sites: { open: { nat: public } }
nodes:
${lines.join('\n')}
steps:
  - wait: 1ms
`
  const { scenario } = readScenario(text, 'soak.yaml')
  const [plan] = planScenario(scenario, { seed, sameSubnets: true })
  if (plan === undefined) throw new Error('the soak has no plan')
  return plan
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n${index}`)
}

/** Nodes that are started, killed and paused; each start of one is another life, and another reader. */
export class Cluster {
  readonly #lab: Lab
  readonly #clock: Clock
  readonly #plans: Map<string, NodePlan>
  readonly #running = new Map<string, LabNode>()
  readonly #lives = new Map<string, number>()
  readonly paused = new Set<string>()

  constructor(lab: Lab, plan: Plan, clock: Clock) {
    this.#lab = lab
    this.#clock = clock
    const nodes = plan.variants[0]?.nodes ?? []
    this.#plans = new Map(nodes.map((node) => [node.name, node]))
  }

  get names(): string[] {
    return [...this.#plans.keys()]
  }

  get running(): string[] {
    return [...this.#running.keys()]
  }

  get awake(): string[] {
    return this.running.filter((name) => !this.paused.has(name))
  }

  api(name: string): NodeApi {
    const node = this.#running.get(name)
    if (node === undefined) throw new Error(`${name} does not run`)
    return node.api
  }

  /** A name for this life of a node. */
  reader(name: string): string {
    return `${name}#${this.#lives.get(name) ?? 0}`
  }

  async start(name: string): Promise<void> {
    const plan = this.#plans.get(name)
    if (plan === undefined || this.#running.has(name)) return
    this.#lives.set(name, (this.#lives.get(name) ?? 0) + 1)
    this.#running.set(name, await this.#lab.startNode(plan))
  }

  /** Ends a node; what it held is gone with it. */
  async end(name: string, how: 'kill' | 'stop'): Promise<void> {
    const node = this.#running.get(name)
    this.#running.delete(name)
    this.paused.delete(name)
    if (how === 'kill') await node?.kill()
    else await node?.stop()
  }

  async pause(name: string): Promise<void> {
    this.paused.add(name)
    await this.#running.get(name)?.pause()
  }

  async resume(name: string): Promise<void> {
    this.paused.delete(name)
    await this.#running.get(name)?.resume()
  }

  /** Awaits that every node that runs lists every other. False where the time is over first. */
  async allListed(withinMs: number): Promise<boolean> {
    const until = this.#clock.now() + withinMs
    for (;;) {
      const statuses = await Promise.all(this.running.map((name) => this.api(name).status()))
      if (statuses.every(({ listed }) => listed >= this.#running.size - 1)) return true
      if (this.#clock.now() >= until) return false
      await delay(this.#clock, 1000)
    }
  }
}
