import type { Clock } from '#node/time/clock.ts'
import { delay } from '#node/time/delay.ts'
import type { Lab, LabNode } from '#orchestrator/fabric/fabric.ts'
import type { Random } from '#orchestrator/fabric/sim/random.ts'
import { type Block, BLOCK_WAYS } from '#orchestrator/net/block.ts'
import type { NodePlan, Plan } from '#orchestrator/plan/plan-type.ts'
import { planScenario } from '#orchestrator/plan/plan.ts'
import { readScenario } from '#orchestrator/scenario/load.ts'

/**
 * Half of the nodes are public servers, a quarter servers at homes that forward their port, and the rest clients at homes
 * that let nobody in. All join through the first, and no bucket is too small.
 */
export function planCrowd(nodes: number, seed: number): Plan {
  const homes = Math.floor(nodes / 4)
  const env = `KAD_BUCKET_SIZE: '${Math.max(20, nodes)}', LOG_LEVEL: silent`
  const text = `name: recovery
title: a crowd under faults
sites:
  net: { nat: public }
  open: { nat: { preset: port-forward, forwards: [{ port: tcp/3000, to: forwarded }] }, count: ${homes} }
  shut: { nat: port-restricted, count: ${homes} }
nodes:
  server: { site: net, count: ${nodes - 2 * homes}, bootstrap: [server-1], env: { ${env} } }
  forwarded: { site: open, count: ${homes}, bootstrap: [server-1], env: { PUBLIC_IP: '{public}', ${env} } }
  client: { site: shut, count: ${homes}, bootstrap: [server-1], env: { KAD_MODE: client, ${env} } }
steps: [{ wait: 1ms }]
`
  const { scenario } = readScenario(text, 'recovery.yaml')
  const [plan] = planScenario(scenario, { seed, sameSubnets: true })
  if (plan === undefined) throw new Error('the crowd has no plan')
  return plan
}

/** What happens to a crowd. */
const FAULTS = [
  'pause',
  'resume',
  'kill',
  'stop',
  'start',
  'block',
  'block-pairs',
  'flush',
] as const

export interface CrowdComponents {
  clock: Clock
  random: Random
  /** One who is never there; null: everybody comes. */
  lost: string | null
}

/** A crowd in a lab to which things happen, all of them drawn. */
export class Crowd {
  readonly #lab: Lab
  readonly #lost: string | null
  readonly #clock: Clock
  readonly #random: Random
  readonly #plans: readonly NodePlan[]
  readonly #running = new Map<string, LabNode>()
  readonly #paused = new Set<string>()

  constructor(lab: Lab, plan: Plan, { clock, random, lost }: CrowdComponents) {
    this.#lab = lab
    this.#lost = lost
    this.#clock = clock
    this.#random = random
    this.#plans = plan.variants[0]?.nodes ?? []
  }

  /** Starts all at once whoever does not run. */
  async start(): Promise<void> {
    const missing = this.#plans.filter(
      ({ name }) => name !== this.#lost && !this.#running.has(name),
    )
    await Promise.all(
      missing.map(async (plan) => this.#running.set(plan.name, await this.#lab.startNode(plan))),
    )
  }

  /** Faults, one after the other, for so long. Returns how many; what they left stays. */
  async suffer(durationMs: number, longestPauseMs: number): Promise<number> {
    const until = this.#clock.now() + durationMs
    let count = 0
    for (; this.#clock.now() < until; count += 1) {
      await this.#fault(FAULTS[this.#random.integer(0, FAULTS.length - 1)] ?? 'pause')
      await delay(this.#clock, this.#random.integer(200, longestPauseMs))
    }
    return count
  }

  /** Nothing is wrong any more: everybody runs, goes on and is reached. */
  async heal(): Promise<void> {
    await this.#lab.block([])
    await this.#resumeAll()
    await this.start()
  }

  /** Who of those that run does not list a server: `observer -> target`. */
  async missing(): Promise<string[]> {
    const servers = this.#plans.filter(({ env }) => env['KAD_MODE'] !== 'client')
    const rows = [...this.#running].map(async ([observer, { api }]) => {
      const listed = new Set(
        (await api.peers()).flatMap((each) => (each.listed ? [each.peerId] : [])),
      )
      return servers
        .filter(({ name, peerId }) => name !== observer && !listed.has(peerId))
        .map(({ name }) => `${observer} -> ${name}`)
    })
    return (await Promise.all(rows)).flat()
  }

  async #fault(fault: (typeof FAULTS)[number]): Promise<void> {
    const share = this.#random.fraction() ** 2
    const some = [...this.#running.keys()].filter(() => this.#random.fraction() < share)
    if (fault === 'resume') await this.#resumeAll()
    else if (fault === 'start') await this.start()
    else if (fault === 'block') await this.#lab.block(this.#blocks(new Set(some)))
    else if (fault === 'block-pairs') await this.#lab.block(this.#pairs(share))
    else if (fault === 'flush') await this.#lab.flushNat(null)
    else if (fault === 'pause') {
      for (const name of some) {
        this.#paused.add(name)
        await this.#running.get(name)?.pause()
      }
    } else await Promise.all(some.map((name) => this.#end(name, fault)))
  }

  async #end(name: string, how: 'kill' | 'stop'): Promise<void> {
    const node = this.#running.get(name)
    this.#running.delete(name)
    this.#paused.delete(name)
    if (how === 'kill') await node?.kill()
    else await node?.stop()
  }

  async #resumeAll(): Promise<void> {
    const paused = [...this.#paused]
    this.#paused.clear()
    for (const name of paused) await this.#running.get(name)?.resume()
  }

  /** Those of one side and the others do not reach each other, or only in one direction. */
  #blocks(side: ReadonlySet<string>): Block[] {
    const by = BLOCK_WAYS[this.#random.integer(0, BLOCK_WAYS.length - 1)] ?? 'drop'
    const isBothWays = this.#random.fraction() < 0.7
    const names = this.#plans.map(({ name }) => name)
    return names.flatMap((from) =>
      names
        .filter((to) => side.has(from) !== side.has(to) && (isBothWays || side.has(from)))
        .map((to) => ({ from, to, by, port: null })),
    )
  }

  /** Here and there one does not reach another. */
  #pairs(share: number): Block[] {
    const names = this.#plans.map(({ name }) => name)
    return names.flatMap((from) =>
      names
        .filter((to) => to !== from && this.#random.fraction() < share)
        .map((to): Block => ({ from, to, by: 'drop', port: null })),
    )
  }
}
