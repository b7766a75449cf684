import type { Protocol } from '#orchestrator/net/nat.ts'
import type { RouterPlan } from '#orchestrator/plan/plan-type.ts'
import { outsideAddresses } from '#orchestrator/plan/router-addresses.ts'
import type { PacketCount, PacketCounts } from '#orchestrator/probe/packet-counts.ts'
import { packetsOf, type RouterCounts } from './router-counts.ts'

/** Counts taken before something was sent, and after it should have arrived. */
export interface BeforeAfter<T> {
  before: T
  after: T
}

export interface CountedAgent extends BeforeAfter<PacketCounts> {
  name: string
  network: string
  address: string
}

export interface CountedRouter extends BeforeAfter<RouterCounts> {
  plan: RouterPlan
}

/** Packets that one machine of a network sent and the other did not receive. */
export interface LostPackets {
  network: string
  sender: string
  receiver: string
  /** How many were sent; null where the sender cannot count them by destination. */
  count: number | null
}

/** What stands where, and what it counted. */
export interface CountedLab {
  agents: readonly CountedAgent[]
  routers: readonly CountedRouter[]
}

/**
 * Follows what `sender` sent to an address of the internet, and what came back, from counter to counter. Returns the
 * network on which packets were sent and did not arrive. Null where they got lost inside a machine (a router that
 * refuses), where everything arrived, or where nobody can be asked.
 */
export function findLoss(
  protocol: Protocol,
  sender: CountedAgent,
  target: string,
  { agents, routers }: CountedLab,
): LostPackets | null {
  const way: { router: CountedRouter; from: string; to: string }[] = []
  let here = { name: sender.name, network: sender.network, from: sender.address }
  let sent: number | null = null
  // A router cannot be passed twice outwards.
  for (let step = 0; step <= routers.length; step += 1) {
    const lost = (receiver: string): LostPackets => ({
      network: here.network,
      sender: here.name,
      receiver,
      count: sent,
    })
    const agent = agents.find((each) => each.network === here.network && each.address === target)
    if (agent !== undefined) {
      const rise = riseOf(agent, protocol)
      if (rise.received === 0) return lost(agent.name)
      // It was reached and says nothing: then nothing can come back.
      return rise.sent === 0 ? null : lossOnReturn(protocol, sender, target, agent, way)
    }
    const owner = routers.find(
      ({ plan }) => plan.wan.network === here.network && outsideAddresses(plan).includes(target),
    )
    if (owner !== undefined) {
      const came = risen(owner, 'fromOutside', protocol, here.from, target)
      return came === 0 ? lost(owner.plan.name) : null
    }
    const router = routers.find(({ plan }) => plan.lan.network === here.network)
    if (router === undefined) return null
    if (risen(router, 'fromInside', protocol, here.from, target) === 0)
      return lost(router.plan.name)
    const outside = outsideAddresses(router.plan).find(
      (address) => risen(router, 'toOutside', protocol, address, target) > 0,
    )
    // The router took it and sent nothing on: that is what is being measured.
    if (outside === undefined) return null
    sent = risen(router, 'toOutside', protocol, outside, target)
    way.push({ router, from: outside, to: here.from })
    here = { name: router.plan.name, network: router.plan.wan.network, from: outside }
  }
  return null
}

function lossOnReturn(
  protocol: Protocol,
  sender: CountedAgent,
  target: string,
  agent: CountedAgent,
  way: readonly { router: CountedRouter; from: string; to: string }[],
): LostPackets | null {
  let here = { name: agent.name, count: null as number | null }
  for (const { router, from, to } of way.toReversed()) {
    const { plan } = router
    if (risen(router, 'fromOutside', protocol, target, from) === 0) {
      return {
        network: plan.wan.network,
        sender: here.name,
        receiver: plan.name,
        count: here.count,
      }
    }
    const inwards = risen(router, 'toInside', protocol, target, to)
    if (inwards === 0) return null
    here = { name: plan.name, count: inwards }
  }
  if (riseOf(sender, protocol).received > 0) return null
  return { network: sender.network, sender: here.name, receiver: sender.name, count: here.count }
}

function riseOf({ before, after }: CountedAgent, protocol: Protocol): PacketCount {
  const [then, now] = [before[protocol], after[protocol]]
  return { received: now.received - then.received, sent: now.sent - then.sent }
}

function risen(
  { before, after }: CountedRouter,
  place: keyof RouterCounts,
  protocol: Protocol,
  from: string,
  to: string,
): number {
  return packetsOf(after[place], protocol, from, to) - packetsOf(before[place], protocol, from, to)
}
