import type { AbortOptions } from '#node/base/abort-options.ts'
import type { AgentPlace } from '#orchestrator/fabric/fabric.ts'
import type { Protocol } from '#orchestrator/net/nat.ts'
import { outsideAddresses } from '#orchestrator/plan/router-addresses.ts'
import type { PacketCounts } from '#orchestrator/probe/packet-counts.ts'
import { type CountedAgent, findLoss, type LostPackets } from './packet-path.ts'
import type { RouterCounts } from './router-counts.ts'
import type { DockerRouter } from './routers.ts'

/** An agent that can be asked what its machine received and sent. */
export interface CountingAgent {
  readonly place: AgentPlace
  counts(options?: AbortOptions): Promise<PacketCounts>
}

/** Everything in the lab that counts packets. */
export interface CountingLab {
  routers: readonly DockerRouter[]
  agents: ReadonlySet<CountingAgent>
}

/** What those counted that stand on the way of something that is going to be sent. */
export interface Counted {
  routers: Map<DockerRouter, RouterCounts>
  agents: Map<CountingAgent, PacketCounts>
}

/**
 * Counts at all who stand on the way from an agent to some addresses: its own routers, and the holders of these
 * addresses. Milliseconds, over streams that are attached already.
 */
export async function countOnWay(
  sender: CountingAgent,
  targets: ReadonlySet<string>,
  { routers, agents }: CountingLab,
  options: AbortOptions = {},
): Promise<Counted> {
  options.signal?.throwIfAborted()
  const passed = new Set(wayOut(sender.place.network, routers))
  for (const router of routers) {
    if (outsideAddresses(router.plan).some((each) => targets.has(each))) passed.add(router)
  }
  const counted: Counted = { routers: new Map(), agents: new Map() }
  const asked = [...agents].filter((each) => each === sender || targets.has(each.place.address))
  await Promise.all([
    ...[...passed].map(async (router) => counted.routers.set(router, await router.counts())),
    ...asked.map(async (agent) => counted.agents.set(agent, await agent.counts(options))),
  ])
  return counted
}

/** The first network on which something that was sent meanwhile to one of the targets, or an answer, got lost. */
export function lossBetween(
  before: Counted,
  after: Counted,
  sender: CountingAgent,
  targets: ReadonlySet<string>,
  protocol: Protocol,
): LostPackets | null {
  const agents = [...after.agents].flatMap(([agent, now]): CountedAgent[] => {
    const then = before.agents.get(agent)
    return then === undefined ? [] : [{ ...agent.place, before: then, after: now }]
  })
  const routers = [...after.routers].flatMap(([{ plan }, now]) => {
    const then = [...before.routers].find(([router]) => router.plan === plan)?.[1]
    return then === undefined ? [] : [{ plan, before: then, after: now }]
  })
  const self = agents.find(({ name }) => name === sender.place.name)
  if (self === undefined) return null
  for (const target of targets) {
    const loss = findLoss(protocol, self, target, { agents, routers })
    if (loss !== null) return loss
  }
  return null
}

/** The routers between a network and the internet, the nearest first. */
function wayOut(network: string, routers: readonly DockerRouter[]): DockerRouter[] {
  const way: DockerRouter[] = []
  let here: string | undefined = network
  while (here !== undefined && way.length <= routers.length) {
    const next = routers.find(({ plan }) => plan.lan.network === here)
    if (next !== undefined) way.push(next)
    here = next?.plan.wan.network
  }
  return way
}
