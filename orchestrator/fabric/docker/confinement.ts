import type { AbortOptions } from '#node/base/abort-options.ts'
import type { Plan } from '#orchestrator/plan/plan-type.ts'
import type { Engine } from './engine.ts'
import { LabNotConfinedError } from './errors.ts'
import { type HostHidden, type HostLook, lookAtHost } from './host-look.ts'
import type { LabIdentity } from './labels.ts'
import { gatewayAddress } from './networks.ts'
import type { DockerRouter } from './routers.ts'
import { findWaysOut } from './ways-out.ts'

export interface ConfinementCheck {
  engine: Engine
  plan: Plan
  lab: LabIdentity
  /** Of routers: it has what the look needs. */
  image: string
  routers: readonly DockerRouter[]
}

/** What was seen of the host meanwhile. */
export type HostSeen = HostLook | HostHidden

/**
 * Looks whether a lab's networks are what the engine was asked for: with no way to the host, and so none out of the
 * machine. By two looks, of which one is enough: at the host's addresses, routes and rules, and from a router, whether
 * anybody answers at the gateway that the internet's network must not have.
 *
 * @throws LabNotConfinedError where there is a way out, or where neither look could be had
 */
export async function checkConfinement(
  check: ConfinementCheck,
  { signal }: AbortOptions = {},
): Promise<HostSeen> {
  const { engine, plan, lab, image, routers } = check
  const [seen, gateway] = await Promise.all([
    lookAtHost(engine, lab, image, { signal }),
    whoIsGateway(plan, routers),
  ])
  const ways = 'detail' in seen ? [] : findWaysOut(seen, plan.networks)
  if (gateway.holder !== null) {
    ways.push(
      `somebody answers at ${gateway.address}, the gateway of the internet's network (${gateway.holder})`,
    )
  }
  const place = `${engine.kind} ${engine.version} at ${engine.endpoint.host}`
  if (ways.length > 0) throw new LabNotConfinedError(place, ways)
  if ('detail' in seen && !gateway.asked) {
    throw new LabNotConfinedError(place, [`nobody can look: ${seen.detail}`])
  }
  return seen
}

interface Gateway {
  address: string
  /** Whether anybody could ask. */
  asked: boolean
  /** The hardware address of whoever has it; null: nobody. */
  holder: string | null
}

/** Asks from a router that stands on the internet, by ARP: one datagram to the discard port of that address. */
async function whoIsGateway(plan: Plan, routers: readonly DockerRouter[]): Promise<Gateway> {
  const internet = plan.networks.find(({ gateway }) => gateway === null)
  const router = routers.find(({ plan: each }) => each.wan.network === internet?.name)
  if (internet === undefined || router === undefined) {
    return { address: '', asked: false, holder: null }
  }
  const address = gatewayAddress(internet, plan)
  return { address, ...(await router.neighbour(address)) }
}
